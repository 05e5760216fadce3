// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
/**
 * Random histories of a campaign with replays in them: attempts that open and end, replies that come late, messages taken
 * again in place or moved to new ones. Whatever happens, the counts are what the ledgers say, and nobody is lost.
 */
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { closeAttempts } from '../../../src/shared/ledger/close.ts';
import { countEntry } from '../../../src/shared/ledger/count.ts';
import {
  decodeEntry,
  type Entry,
  encodeAttempt,
  UNTOUCHED,
} from '../../../src/shared/ledger/entry.ts';
import type { ClosingVerdict } from '../../../src/shared/ledger/letters.ts';
import { openAttempts } from '../../../src/shared/ledger/open.ts';
import { STATES } from '../../../src/shared/outcome.ts';
import { createKeys, type Keys } from '../../../src/shared/redis/keys.ts';
import { encodeParents, encodeRanges } from '../../../src/shared/replay/fields.ts';
import { moveNumbers } from '../../../src/shared/replay/move.ts';
import { beginReplay, takeMessages } from '../../../src/shared/replay/steps.ts';
import { ANYWHERE } from '../../support/destination.ts';
import { connect, withPrefix } from '../../support/redis.ts';

const ID = 'list';
const RECIPIENTS = 9;
const RULES = { attempts: 2, park: true };
const jobAt = (position: number) => `${ID}-${String(position).padStart(7, '0')}`;

type Step =
  | { do: 'try'; at: number; verdict: ClosingVerdict; accepted: number }
  | { do: 'late'; at: number; attempt: number; verdict: ClosingVerdict; accepted: number }
  | { do: 'take' | 'move'; at: number; isTwice: boolean }
  | { do: 'cancel' };

const at = fc.nat(7);
const verdict = fc.constantFrom<ClosingVerdict>(
  'accepted',
  'shortfall',
  'rejected',
  'unconfirmed',
  'worker_lost',
  'retry',
  'expired',
);
const accepted = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('try'), at, verdict, accepted }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('late'), at, attempt: fc.nat(3), verdict, accepted }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('take', 'move'),
      at,
      isTwice: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel') }) },
);

interface Place {
  job: string;
  position: number;
  index: number;
  numbers: number;
}

/** The campaign as it is, every message of every job in order. */
class History {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #places: Place[];
  #jobs = 1;
  #accepted = new Set<Place>();

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    const places = [1, 5, 3].map((numbers, index) => ({ numbers, index }));
    this.#places = places.map((place) => ({ ...place, job: jobAt(0), position: 0 }));
  }

  async begin(): Promise<void> {
    const own = this.#keys.campaign(ID);
    await this.#redis.hset(own.campaign, { phase: 'released', jobs: 1, messages: 3 });
    await this.#redis.hset(own.counts, { recipients: RECIPIENTS, pending: RECIPIENTS });
    await this.#redis.hset(own.job(jobAt(0)), 'data', '{}');
  }

  async do(step: Step): Promise<void> {
    if (step.do === 'cancel') await this.#cancel();
    else {
      const place = this.#places[step.at % this.#places.length];
      if (!place) return;
      if (step.do === 'try') await this.#try(place, step.verdict, step.accepted);
      else if (step.do === 'late')
        await this.#close(place, step.attempt, step.verdict, step.accepted);
      else if (step.do === 'take') await this.#take(place, step.isTwice);
      else await this.#move(place, step.isTwice);
    }
    await this.#check();
  }

  async #text(place: Place): Promise<string | null> {
    return this.#redis.hget(this.#keys.campaign(ID).ledger(place.job), String(place.index));
  }

  async #entry(place: Place): Promise<Entry> {
    const text = await this.#text(place);
    return text === null ? { ...UNTOUCHED } : decodeEntry(text, place.numbers);
  }

  async #try(place: Place, verdict: ClosingVerdict, accepted: number): Promise<void> {
    const own = this.#keys.campaign(ID);
    const entry = await this.#entry(place);
    const number = entry.number + 1;
    await this.#redis.set(own.lock(place.job), 'token', 'PX', 60_000);
    const job = {
      jobId: place.job,
      token: 'token',
      run: 'run1',
      leastLockMs: 1,
      destination: ANYWHERE,
    };
    const opened = await openAttempts(this.#redis, own, job, 1, [{ index: place.index, number }]);
    await this.#redis.del(own.lock(place.job));
    const isOpen = Array.isArray(opened) && opened[0] === true;
    // What was accepted, or has gone to others, is never sent again by the gate.
    if (entry.state === 'accepted' || entry.isMoved) expect(isOpen).toBe(false);
    if (isOpen || verdict === 'expired') await this.#close(place, number, verdict, accepted);
  }

  async #close(place: Place, number: number, verdict: ClosingVerdict, accepted: number) {
    const entry = await this.#entry(place);
    if (verdict !== 'expired' && (number < 1 || number > entry.number)) return;
    const count = verdict === 'accepted' ? place.numbers : Math.min(accepted, place.numbers - 1);
    const outcome = verdict === 'expired' ? 'retry' : verdict;
    if (outcome === 'never_written' || outcome === 'opted_out') return;
    const attempt = encodeAttempt({ run: 'run1', outcome, at: 1 }, place.numbers);
    const before = { index: place.index, number, run: 'run1', verdict, numbers: place.numbers };
    const closing = { ...before, accepted: count, code: '5001', due: 1, attempt };
    await closeAttempts(this.#redis, this.#keys.campaign(ID), place.job, RULES, [closing]);
    // An attempt that is known to have reached all of them is not forgotten, unless others have them now.
    if (verdict === 'accepted' && (await this.#entry(place)).state === 'accepted')
      this.#accepted.add(place);
  }

  async #chapter(): Promise<number> {
    const own = this.#keys.campaign(ID);
    return (await beginReplay(this.#redis, own, String(Math.random()), {})) ?? 0;
  }

  /** As a replay chooses: settled or cancelled, and not accepted. */
  async #chosen(place: Place): Promise<string | undefined> {
    const text = await this.#text(place);
    const entry = await this.#entry(place);
    const cancelled = Number(await this.#redis.hget(this.#keys.campaign(ID).campaign, 'cancelled'));
    const isPending = entry.state === 'pending' && entry.chapter > cancelled;
    if (isPending || entry.state === 'open' || entry.state === 'accepted' || entry.isMoved)
      return undefined;
    return text?.split(';')[0] ?? '';
  }

  async #take(place: Place, isTwice: boolean): Promise<void> {
    const head = await this.#chosen(place);
    if (head === undefined) return;
    const chapter = await this.#chapter();
    const taking = { index: place.index, numbers: place.numbers, head };
    for (let times = isTwice ? 2 : 1; times > 0; times--) {
      const own = this.#keys.campaign(ID);
      const taken = await takeMessages(this.#redis, own, place.job, chapter, 1, [taking]);
      expect(taken).toEqual([true]);
    }
    expect(await this.#entry(place)).toMatchObject({ state: 'pending', chapter, used: 0 });
  }

  /** To two messages, where there is more than one number. */
  async #move(place: Place, isTwice: boolean): Promise<void> {
    const head = await this.#chosen(place);
    if (head === undefined) return;
    const chapter = await this.#chapter();
    const sizes = place.numbers > 1 ? [1, place.numbers - 1] : [1];
    const position = this.#jobs;
    const job = jobAt(position);
    const last = sizes.length - 1;
    const { index, numbers } = place;
    const to = encodeRanges([{ position, first: 0, last }]);
    const from = encodeParents([{ count: sizes.length, position: place.position, index }]);
    const entries = sizes.map(() => `p,${chapter},0,0,0,,0,,;`);
    const own = this.#keys.campaign(ID);
    const parent = { jobId: place.job, index, numbers, head, to };
    const child = { jobId: job, data: '{}', from, entries };
    for (let times = isTwice ? 2 : 1; times > 0; times--) {
      const moved = moveNumbers(this.#redis, own, chapter, position, [parent], [child]);
      expect(await moved).toBe('moved');
    }
    await this.#redis.hset(own.job(job), 'data', '{}');
    this.#jobs += 1;
    for (const [index, numbers] of sizes.entries())
      this.#places.push({ job, position, index, numbers });
  }

  async #cancel(): Promise<void> {
    const own = this.#keys.campaign(ID);
    const pending = Number(await this.#redis.hget(own.counts, 'pending'));
    const chapter = Number((await this.#redis.hget(own.campaign, 'chapter')) ?? 1);
    await this.#redis.hset(own.campaign, 'cancelled', chapter);
    await this.#redis.hincrby(own.counts, 'pending', -pending);
    await this.#redis.hincrby(own.counts, 'cancelled', pending);
  }

  async #check(): Promise<void> {
    const own = this.#keys.campaign(ID);
    const cancelled = Number(await this.#redis.hget(own.campaign, 'cancelled'));
    const recounted = Object.fromEntries(STATES.map((state) => [state, 0]));
    for (const place of this.#places) {
      const entry = await this.#entry(place);
      for (const [state, count] of Object.entries(countEntry(entry, place.numbers, cancelled)))
        recounted[state] = (recounted[state] ?? 0) + count;
    }
    const stored = await this.#redis.hgetall(own.counts);
    for (const state of STATES) expect(Number(stored[state] ?? 0), state).toBe(recounted[state]);
    expect(Object.values(recounted).reduce((sum, count) => sum + count, 0)).toBe(RECIPIENTS);
    for (const place of this.#accepted) expect((await this.#entry(place)).state).toBe('accepted');
    expect(await this.#redis.hget(own.campaign, 'jobs')).toBe(String(this.#jobs));
  }
}

test('counts are what the ledgers say, whatever is replayed and when', async () => {
  const redis = connect();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await withPrefix(async (prefix) => {
        const history = new History(redis, createKeys(prefix));
        await history.begin();
        for (const each of steps) await history.do(each);
      });
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('a late reply of an earlier chapter settles what waits for its replay, which then is not sent', async () => {
  const redis = connect();
  await withPrefix(async (prefix) => {
    const history = new History(redis, createKeys(prefix));
    await history.begin();
    await history.do({ do: 'try', at: 1, verdict: 'worker_lost', accepted: 0 });
    await history.do({ do: 'take', at: 1, isTwice: false });
    await history.do({ do: 'late', at: 1, attempt: 1, verdict: 'accepted', accepted: 0 });
    await history.do({ do: 'try', at: 1, verdict: 'rejected', accepted: 0 });
    expect(await redis.hgetall(createKeys(prefix).campaign(ID).counts)).toMatchObject({
      accepted: '5',
      pending: '4',
    });
  });
});

test('a late reply to a message whose numbers have moved is written down and moves nothing', async () => {
  const redis = connect();
  await withPrefix(async (prefix) => {
    const own = createKeys(prefix).campaign(ID);
    const history = new History(redis, createKeys(prefix));
    await history.begin();
    await history.do({ do: 'try', at: 1, verdict: 'worker_lost', accepted: 0 });
    await history.do({ do: 'move', at: 1, isTwice: false });
    await history.do({ do: 'late', at: 1, attempt: 1, verdict: 'accepted', accepted: 0 });
    const entry = decodeEntry((await redis.hget(own.ledger(jobAt(0)), '1')) ?? '', 5);
    expect(entry).toMatchObject({
      state: 'unconfirmed',
      isMoved: true,
      last: { outcome: 'accepted' },
    });
    expect(await redis.hgetall(own.counts)).toMatchObject({ pending: '9', unconfirmed: '0' });
  });
});
