// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
/**
 * The ledger's two scripts against a model in plain TypeScript: random histories of a job of two messages, picked up
 * by two workers that lose it to each other, with calls that arrive twice or late.
 */
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import {
  type Closing,
  type ClosingRules,
  closeAttempts,
} from '../../../src/shared/ledger/close.ts';
import { countEntry } from '../../../src/shared/ledger/count.ts';
import {
  type Attempt,
  decodeAttempt,
  decodeEntry,
  type Entry,
  encodeAttempt,
  UNTOUCHED,
} from '../../../src/shared/ledger/entry.ts';
import { optedOutPlaces } from '../../../src/shared/ledger/left-out.ts';
import type {
  AttemptOutcome,
  ClosingVerdict,
  EntryState,
} from '../../../src/shared/ledger/letters.ts';
import { type Opening, openAttempts } from '../../../src/shared/ledger/open.ts';
import { STATES } from '../../../src/shared/outcome.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { ANYWHERE } from '../../support/destination.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const AT = 1_790_000_000_000;
const JOB = 'list-0000000';
/** Numbers of each message. */
const NUMBERS = [1, 3];
const RECIPIENTS = 4;

const SENT: readonly AttemptOutcome[] = ['accepted', 'shortfall'];
const UNSURE: readonly AttemptOutcome[] = ['unconfirmed', 'worker_lost'];
const MAY_BE_SENT: readonly AttemptOutcome[] = ['open', ...SENT, ...UNSURE];

interface ModelAttempt {
  number: number;
  run: string;
  outcome: AttemptOutcome;
  accepted: number | undefined;
  leftOut: readonly number[];
}

/** What docs/design/ledger.md says of a message, as plainly as it can be written. */
class ModelMessage {
  state: EntryState = 'pending';
  attempts: ModelAttempt[] = [];
  used = 0;
  /** Numbers that count as opted out. */
  optedOut = 0;
  readonly numbers: number;
  readonly #rules: ClosingRules;

  constructor(numbers: number, rules: ClosingRules) {
    this.numbers = numbers;
    this.#rules = rules;
  }

  get number(): number {
    return Math.max(0, ...this.attempts.map((each) => each.number));
  }

  get unsure(): number {
    return this.attempts.filter(
      ({ outcome }) => outcome === 'unconfirmed' || outcome === 'worker_lost',
    ).length;
  }

  /** The most numbers that any of its requests got accepted; undefined where none was. */
  get accepted(): number | undefined {
    const got = this.attempts.filter(
      ({ outcome }) => outcome === 'accepted' || outcome === 'shortfall',
    );
    return got.length === 0 ? undefined : Math.max(...got.map(({ accepted }) => accepted ?? 0));
  }

  /** How many numbers a request that was refused got accepted all the same. */
  get taken(): number {
    const refused = this.attempts.filter(({ outcome }) => outcome === 'rejected');
    return Math.min(this.numbers, Math.max(0, ...refused.map(({ accepted }) => accepted ?? 0)));
  }

  /** What it is that has failed for good. */
  get failure(): 'rejected' | 'exhausted' {
    const last = this.attempts.reduce((a, b) => (b.number > a.number ? b : a));
    return last.outcome === 'rejected' || this.taken > 0 ? 'rejected' : 'exhausted';
  }

  /** Attempts whose request may have reached people. */
  get mayBeSent(): ModelAttempt[] {
    return this.attempts.filter(
      ({ outcome, accepted = 0 }) =>
        MAY_BE_SENT.includes(outcome) || (outcome === 'rejected' && accepted > 0),
    );
  }

  canOpen(number: number): boolean {
    return this.state === 'pending' && number === this.number + 1;
  }

  hasOpen(number: number, run: string): boolean {
    return this.#find(number, run)?.outcome === 'open';
  }

  open(number: number, run: string, leftOut: readonly number[]): void {
    this.state = 'open';
    this.attempts.push({ number, run, outcome: 'open', accepted: undefined, leftOut });
  }

  close(closing: Closing, leftOut: readonly number[]): void {
    const wasAccepted = this.state === 'accepted';
    this.#close(closing, leftOut);
    if (!wasAccepted) this.optedOut = this.#neverSent().length;
  }

  /** Places of the numbers that were in none of the requests that matter. */
  #neverSent(): number[] {
    const all = Array.from({ length: this.numbers }, (_none, at) => at);
    if (this.state === 'opted_out') return all;
    if (this.state === 'pending' || this.state === 'open') return [];
    const matters = (outcome: AttemptOutcome) =>
      (this.state === 'accepted' || this.state === 'shortfall' ? SENT : UNSURE).includes(outcome);
    const requests = this.attempts.filter(
      ({ outcome, number }) =>
        matters(outcome) || (this.accepted === undefined && number === this.number),
    );
    if (requests.length === 0) return [];
    return all.filter((at) => requests.every(({ leftOut }) => leftOut.includes(at)));
  }

  #close({ number, run, verdict, accepted }: Closing, leftOut: readonly number[]): void {
    const attempt = this.#find(number, run);
    switch (verdict) {
      case 'expired':
      case 'opted_out':
        if (this.state === 'pending') this.#giveUp(verdict);
        return;
      case 'never_written':
        if (attempt?.outcome === 'worker_lost') {
          this.#learn(
            { number, run, outcome: 'retry', accepted: undefined, leftOut: attempt.leftOut },
            attempt,
          );
        }
        if (attempt?.outcome !== 'open') return;
        this.attempts = this.attempts.filter((each) => each !== attempt);
        this.state = this.#sent() ?? 'pending';
        if (this.state === 'pending' && this.taken > 0) this.#giveUp('rejected');
        return;
      case 'doubtful':
        throw new Error('no reply is doubted in these histories');
    }
    if (attempt?.outcome === 'open') {
      Object.assign(attempt, { outcome: verdict, accepted });
      this.#settle(verdict);
    } else if (
      attempt === undefined ||
      (attempt.outcome === 'worker_lost' && verdict !== 'worker_lost')
    ) {
      this.#learn({ number, run, outcome: verdict, accepted, leftOut }, attempt);
    }
  }

  #settle(verdict: ClosingVerdict): void {
    const isFree = verdict === 'throttled' || verdict === 'unauthorized';
    const isUnsure = verdict === 'unconfirmed' || verdict === 'worker_lost';
    if (!isFree) this.used++;
    if (this.accepted !== undefined) this.#giveUp('exhausted');
    else if (verdict === 'rejected') this.#giveUp('rejected');
    else if (isUnsure && this.#rules.park) this.state = 'unconfirmed';
    else if (this.used >= this.#rules.attempts && !isFree) this.#giveUp(this.failure);
    else if (this.taken > 0) this.#giveUp('rejected');
    else this.state = 'pending';
  }

  /** What came of an attempt that had been given up for lost, or that Redis does not know of any more. */
  #learn(news: ModelAttempt, known: ModelAttempt | undefined): void {
    const isNext = news.number > this.number && (this.state === 'pending' || this.state === 'open');
    if (known) Object.assign(known, news);
    else if (isNext || news.outcome !== 'worker_lost') this.attempts.push(news);
    if (!known && isNext) {
      this.#settle(verdictOf(news.outcome));
    } else if (this.state === 'accepted') {
      const optedOut = this.#neverSent().length;
      const accepted = Math.max(news.accepted ?? 0, this.numbers - this.optedOut);
      if (accepted >= this.numbers - optedOut) this.optedOut = optedOut;
    } else if (this.accepted !== undefined && this.state !== 'open') {
      this.#giveUp('exhausted');
    } else if (this.state === 'unconfirmed') {
      // Nothing says that its job could still be run.
      if (this.unsure === 0) this.#giveUp(this.failure);
    } else if (this.state === 'pending') {
      const isOver = (news.accepted ?? 0) > 0 || news.number === this.number;
      if (news.outcome === 'rejected' && isOver) this.#giveUp('rejected');
      else if (UNSURE.includes(news.outcome) && this.#rules.park) this.#giveUp('exhausted');
    } else if (this.state !== 'open' && this.state !== 'shortfall') {
      if (news.outcome === 'rejected' && (news.accepted ?? 0) > 0) this.#giveUp('rejected');
      else if (this.unsure > 0) this.#giveUp('exhausted');
    }
  }

  #giveUp(outcome: 'expired' | 'opted_out' | 'rejected' | 'exhausted'): void {
    this.state = this.#sent() ?? (this.unsure > 0 ? 'unconfirmed' : outcome);
  }

  #sent(): 'accepted' | 'shortfall' | undefined {
    const { accepted } = this;
    if (accepted === undefined) return undefined;
    this.state = 'shortfall';
    const most = Math.max(accepted, this.taken);
    return most >= this.numbers - this.#neverSent().length ? 'accepted' : 'shortfall';
  }

  #find(number: number, run: string): ModelAttempt | undefined {
    return this.attempts.find((each) => each.number === number && each.run === run);
  }
}

function verdictOf(outcome: AttemptOutcome): ClosingVerdict {
  return outcome === 'open' ? 'unconfirmed' : outcome;
}

const worker = fc.constantFrom(0, 1);
const any = fc.nat({ max: 1000 });
const verdict = fc.constantFrom<ClosingVerdict>(
  'accepted',
  'shortfall',
  'rejected',
  'unconfirmed',
  'retry',
  'retry',
  'retry',
  'throttled',
  'unauthorized',
  'never_written',
);
const accepted = fc.constantFrom(undefined, 0, 1, 2, 3, 2_000_000_000_000_000);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      isHolder: fc.constantFrom(true, true, true, true, false),
      indexes: fc.constantFrom([0], [1], [0, 1]),
      ahead: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2),
      // places in the message of several numbers
      leftOut: fc.constantFrom([], [], [0], [2], [0, 2]),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('close' as const), which: any, verdict, accepted }),
  },
  // what it read when it picked up is closed as lost later: another may come in between
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pick up' as const), worker }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('recover' as const), worker }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('again' as const), which: any }) },
  fc.oneof(
    fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const) }),
    fc.record({ do: fc.constant('resume' as const) }),
    fc.record({ do: fc.constant('resume' as const) }),
    {
      arbitrary: fc.record({
        do: fc.constant('settle unsent' as const),
        index: fc.nat({ max: NUMBERS.length - 1 }),
        verdict: fc.constantFrom<ClosingVerdict>('expired', 'opted_out'),
      }),
      weight: 1,
    },
    fc.record({ do: fc.constantFrom('cancel' as const, 'resume' as const) }),
  ),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One worker's hold, or what it takes for one. */
interface Hold {
  run: string;
  token: string;
  lost: Closing[];
  /** A run that wrote nothing of an attempt it had opened was told to stop, and sends nothing further. */
  isOver: boolean;
}

interface Granted {
  index: number;
  number: number;
  run: string;
  leftOut: readonly number[];
}

/** One history: does each step to Redis and to the model, and compares the two. */
class History {
  readonly #redis: Redis;
  readonly #keys;
  readonly #rules: ClosingRules;
  readonly #messages: ModelMessage[];
  #holds: (Hold | undefined)[] = [];
  #holder: Hold | undefined;
  #runs = 0;
  #paused = false;
  #cancelled = false;
  /** Attempts that some worker was told it may send, and of which it has not told the end. */
  #granted: Granted[] = [];
  /** Earlier calls, to be made a second time. */
  #calls: {
    isVoidedBy: (attempt: Granted) => boolean;
    repeat: () => Promise<unknown>;
    closings?: readonly Closing[];
  }[] = [];

  constructor(redis: Redis, prefix: string, rules: ClosingRules) {
    this.#redis = redis;
    this.#keys = createKeys(prefix).campaign('list');
    this.#rules = rules;
    this.#messages = NUMBERS.map((numbers) => new ModelMessage(numbers, rules));
  }

  async begin(): Promise<void> {
    await this.#redis.hset(this.#keys.campaign, 'phase', 'released');
    await this.#redis.hset(this.#keys.job(JOB), 'name', 'send');
    const counts = { rows: RECIPIENTS, recipients: RECIPIENTS, pending: RECIPIENTS };
    await this.#redis.hset(this.#keys.counts, counts);
    await this.#pickUp(0);
  }

  async take(step: Step): Promise<void> {
    const before = this.#messages.map(({ state }) => state);
    switch (step.do) {
      case 'pick up':
        await this.#pickUp(step.worker);
        break;
      case 'recover':
        await this.#recover(step.worker);
        break;
      case 'open':
        await this.#open(step);
        break;
      case 'close':
        await this.#closeGranted(step.which, step.verdict, step.accepted);
        break;
      case 'again':
        await this.#again(step.which);
        break;
      case 'settle unsent':
        await this.#settleUnsent(step.index, step.verdict);
        break;
      case 'pause':
      case 'resume':
        this.#paused = step.do === 'pause';
        if (this.#paused) await this.#redis.hset(this.#keys.campaign, 'paused', 1);
        else await this.#redis.hdel(this.#keys.campaign, 'paused');
        break;
      case 'cancel':
        await this.#cancel();
        break;
    }
    for (const [at, state] of before.entries()) {
      if (state === 'accepted')
        expect(this.#messages[at]?.state, 'an accepted message').toBe('accepted');
    }
    await this.compare();
  }

  async #pickUp(worker: number): Promise<void> {
    const run = (this.#runs++).toString(36).padStart(4, '0');
    const entries = await this.#read();
    const lost = entries.flatMap((entry, at): Closing[] => {
      if (entry.state !== 'open' || !entry.last) return [];
      const numbers = this.#message(at).numbers;
      const attempt = encodeAttempt(
        { ...entry.last, outcome: 'worker_lost', words: 'lost' },
        numbers,
      );
      const { number, last } = entry;
      return [
        {
          index: at,
          number,
          run: last.run,
          verdict: 'worker_lost',
          numbers,
          code: 'no_reply',
          due: AT,
          attempt,
        },
      ];
    });
    const hold: Hold = { run, token: `${run}:token`, lost, isOver: false };
    this.#holds[worker] = hold;
    this.#holder = hold;
    await this.#redis.set(this.#keys.lock(JOB), hold.token, 'PX', 600_000);
  }

  async #recover(worker: number): Promise<void> {
    const hold = this.#holds[worker];
    if (hold === undefined || hold.lost.length === 0) return;
    const { lost } = hold;
    hold.lost = [];
    await this.#close(lost);
  }

  async #open({ isHolder, indexes, ahead, leftOut }: Extract<Step, { do: 'open' }>): Promise<void> {
    const hold = isHolder ? this.#holder : this.#holds.find((each) => each !== this.#holder);
    // nobody sends before it has told what became of the run before
    if (hold === undefined || hold.isOver || hold.lost.length > 0) return;
    const openings: Opening[] = indexes.map((at) => ({
      index: at,
      number: this.#message(at).number + ahead,
      leftOut: this.#message(at).numbers === 1 ? [] : leftOut,
    }));
    const call = () =>
      openAttempts(
        this.#redis,
        this.#keys,
        { jobId: JOB, token: hold.token, run: hold.run, leastLockMs: 1000, destination: ANYWHERE },
        AT,
        openings,
      );
    const reply = await call();
    const free = openings.filter(({ index: at, number }) => this.#message(at).canOpen(number));
    if (hold !== this.#holder) expect(reply).toBe('lock');
    else if (this.#paused) expect(reply).toBe('paused');
    else if (this.#cancelled && free.length > 0) expect(reply).toBe('cancelled');
    else {
      expect(reply).toEqual(
        openings.map((each) => free.includes(each) || this.#isOpen(each, hold.run)),
      );
      for (const { index: at, number, leftOut: left = [] } of free) {
        const message = this.#message(at);
        if (this.#rules.park) expect(message.mayBeSent, 'before another is opened').toEqual([]);
        message.open(number, hold.run, left);
        this.#granted.push({ index: at, number, run: hold.run, leftOut: left });
      }
      if (free.length < openings.length) return;
      this.#calls.push({
        isVoidedBy: ({ index: at, number, run }) =>
          run === hold.run && openings.some((each) => each.index === at && each.number === number),
        repeat: call,
      });
    }
  }

  async #closeGranted(
    which: number,
    verdict: ClosingVerdict,
    acceptedCount: number | undefined,
  ): Promise<void> {
    const [attempt] = this.#granted.splice(which % Math.max(1, this.#granted.length), 1);
    if (attempt === undefined) return;
    const { leftOut, ...place } = attempt;
    const { numbers } = this.#message(attempt.index);
    // what was never written was never opened, as far as a client's repeating of calls goes
    if (verdict === 'never_written') {
      this.#calls = this.#calls.filter((each) => !each.isVoidedBy(attempt));
      for (const hold of this.#holds) if (hold?.run === attempt.run) hold.isOver = true;
    }
    await this.#close([
      {
        ...place,
        verdict,
        numbers,
        accepted: acceptedCount,
        code: verdict === 'accepted' || verdict === 'shortfall' ? '' : '5001',
        due: AT,
        attempt:
          verdict === 'never_written' || verdict === 'expired' || verdict === 'opted_out'
            ? undefined
            : encodeAttempt(
                {
                  run: place.run,
                  outcome: verdict,
                  at: AT,
                  leftOut,
                  accepted_count: acceptedCount,
                },
                numbers,
              ),
      },
    ]);
  }

  async #settleUnsent(at: number, verdict: ClosingVerdict): Promise<void> {
    const { number, numbers, state } = this.#message(at);
    if (state !== 'pending') return;
    await this.#close([{ index: at, number, run: 'none', verdict, numbers }]);
  }

  async #close(closings: readonly Closing[]): Promise<void> {
    const call = () => closeAttempts(this.#redis, this.#keys, JOB, this.#rules, closings);
    const states = await call();
    for (const closing of closings) {
      // What was cancelled stays so: it neither expires nor is opted out.
      const isUnsent = closing.verdict === 'expired' || closing.verdict === 'opted_out';
      if (isUnsent && this.#cancelled) continue;
      const leftOut = closing.attempt ? decodeAttempt(closing.attempt, 0).leftOut : undefined;
      this.#message(closing.index).close(closing, leftOut ?? []);
    }
    expect(states).toEqual(closings.map((each) => this.#message(each.index).state));
    this.#calls.push({ isVoidedBy: () => false, repeat: call, closings });
  }

  /** A call whose reply was lost on the way is made again. */
  async #again(which: number): Promise<void> {
    const before = await this.#everything();
    const call = this.#calls[which % Math.max(1, this.#calls.length)];
    await call?.repeat();
    // It may have been given up for lost in between: then the second copy tells that it was not.
    const unmade = call?.closings?.filter(({ verdict }) => verdict === 'never_written') ?? [];
    for (const closing of unmade) this.#message(closing.index).close(closing, []);
    if (unmade.length === 0) expect(await this.#everything()).toEqual(before);
  }

  async #cancel(): Promise<void> {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const pending = Number(await this.#redis.hget(this.#keys.counts, 'pending'));
    await this.#redis
      .multi()
      .hset(this.#keys.campaign, 'cancelled', 1)
      .hincrby(this.#keys.counts, 'pending', -pending)
      .hincrby(this.#keys.counts, 'cancelled', pending)
      .exec();
  }

  async compare(): Promise<void> {
    const { ledger, counts } = await this.#everything();
    const recounted: Record<string, number> = {};
    const add = (name: string, by: number) => {
      if (by !== 0) recounted[name] = (recounted[name] ?? 0) + by;
    };
    for (const [at, message] of this.#messages.entries()) {
      const entry = this.#entry(ledger, at);
      const { state, number, used, unsure, optedOut } = message;
      expect(entry).toMatchObject({ state, number, used, unsure, optedOut });
      const named = optedOutPlaces(entry, earlierOf(ledger, at, message.numbers), message.numbers);
      // one that is accepted stays so, also if another request turns out to have reached more people
      if (state === 'accepted') expect(named.length).toBeLessThanOrEqual(optedOut);
      else expect(named.length).toBe(optedOut);
      expect(attemptsOf(ledger, at, entry, message.numbers)).toEqual(
        message.attempts.map(({ number: n, run, outcome }) => `${n} ${run} ${outcome}`).sort(),
      );
      expect(used).toBeLessThanOrEqual(this.#rules.attempts);
      const isOpen = message.attempts.filter(({ outcome }) => outcome === 'open').length;
      expect(isOpen).toBe(state === 'open' ? 1 : 0);
      if (this.#rules.park) expect(message.mayBeSent.length).toBeLessThanOrEqual(1);

      const counted = countEntry(entry, message.numbers, this.#cancelled ? 1 : 0);
      for (const [name, by] of Object.entries(counted)) add(name, by);
      const isFailed = !['pending', 'open', 'accepted'].includes(state);
      if (entry.code !== '' && isFailed) add(`code:${entry.code}`, lackingOf(counted));
    }
    const stored = Object.entries(counts).filter(([name, text]) => {
      expect(Number(text)).toBeGreaterThanOrEqual(0);
      return Number(text) !== 0 && !['rows', 'recipients'].includes(name);
    });
    expect(Object.fromEntries(stored.map(([name, text]) => [name, Number(text)]))).toEqual(
      recounted,
    );
    const sum = STATES.reduce((total, name) => total + (recounted[name] ?? 0), 0);
    expect(sum).toBe(RECIPIENTS);
  }

  #isOpen({ index: at, number }: Opening, run: string): boolean {
    return this.#message(at).hasOpen(number, run);
  }

  #message(at: number): ModelMessage {
    const message = this.#messages[at];
    if (message === undefined) throw new Error(`no message ${at}`);
    return message;
  }

  #entry(ledger: Record<string, string>, at: number): Entry {
    const text = ledger[at];
    return text === undefined ? { ...UNTOUCHED } : decodeEntry(text, this.#message(at).numbers);
  }

  async #read(): Promise<Entry[]> {
    const ledger = await this.#redis.hgetall(this.#keys.ledger(JOB));
    return NUMBERS.map((_numbers, at) => this.#entry(ledger, at));
  }

  async #everything() {
    const [ledger, counts] = await Promise.all([
      this.#redis.hgetall(this.#keys.ledger(JOB)),
      this.#redis.hgetall(this.#keys.counts),
    ]);
    return { ledger, counts };
  }
}

/** Recipients counted under the message's code: all but those accepted or opted out. */
function lackingOf(counted: ReturnType<typeof countEntry>): number {
  return Object.entries(counted)
    .filter(([name]) => name !== 'accepted' && name !== 'opted_out')
    .reduce((sum, [, count]) => sum + count, 0);
}

/** All attempts of a message but the last. */
function earlierOf(ledger: Record<string, string>, at: number, numbers: number): Attempt[] {
  return Object.entries(ledger).flatMap(([field, text]) =>
    field.startsWith(`${at}.`) ? [decodeAttempt(text, numbers)] : [],
  );
}

/** `number run outcome` of each attempt of a message. */
function attemptsOf(
  ledger: Record<string, string>,
  at: number,
  entry: Entry,
  numbers: number,
): string[] {
  const earlier = Object.entries(ledger).flatMap(([field, text]) => {
    const [index, number] = field.split('.');
    if (number === undefined || Number(index) !== at) return [];
    const { run, outcome } = decodeAttempt(text, numbers);
    return [`${number} ${run} ${outcome}`];
  });
  const last = entry.last ? [`${entry.number} ${entry.last.run} ${entry.last.outcome}`] : [];
  return [...earlier, ...last].sort();
}

const rules = fc.record({ attempts: fc.integer({ min: 1, max: 3 }), park: fc.boolean() });

test('keeps every promise of the ledger through any history', async () => {
  const redis = connect();
  const prefix = testPrefix();
  let histories = 0;
  await fc.assert(
    fc.asyncProperty(
      rules,
      fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
      async (given, steps) => {
        const history = new History(redis, `${prefix}-${histories++}`, given);
        await history.begin();
        for (const each of steps) await history.take(each);
      },
    ),
    // fewer on a machine that has other work to do
    { numRuns: 300, interruptAfterTimeLimit: 15_000, seed: 1 },
  );
});
