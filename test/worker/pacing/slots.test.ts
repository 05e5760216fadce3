// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setLimits } from '../../../src/shared/fleet/limits.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { type Asking, askForSlots, type GrantedSlots } from '../../../src/worker/pacing/slots.ts';
import { connect, testPrefix, withPrefix } from '../../support/redis.ts';

/** On Redis's clock, in ms. */
interface Sent {
  at: number;
  numbers: number;
}

interface Limits {
  rate: number;
  recipientRate?: number | undefined;
}

/** Asks as the processes of a fleet do, with the very slots for an answer. */
class Desk {
  readonly sent: Sent[] = [];
  readonly #redis = connect();
  readonly #keys;

  constructor(prefix: string) {
    this.#keys = createKeys(prefix).fleet;
  }

  limit({ rate, recipientRate = undefined }: Limits): Promise<void> {
    return setLimits(this.#redis, this.#keys, { rate, recipientRate: recipientRate ?? null });
  }

  async ask(numbers: readonly number[], more: Partial<Asking> = {}): Promise<GrantedSlots> {
    const asking = { fingerprint: '0a1b2c3d', worker: 'worker 1', urgent: 0, owed: 0, numbers };
    const grant = await askForSlots(this.#redis, this.#keys, { ...asking, ...more });
    for (const [index, ms] of grant.slots.entries()) {
      this.sent.push({ at: grant.now + ms, numbers: numbers[index] ?? 0 });
    }
    return grant;
  }

  /** Asks without a pause, with these sizes again and again, until so many ms are given away. */
  async fill(ms: number, sizes: readonly number[]): Promise<void> {
    const from = this.last;
    for (let next = 0, turn = 0; this.last < from + ms; turn++) {
      const numbers = Array.from(
        { length: 5 },
        (_none, at) => sizes[(next + at) % sizes.length] ?? 1,
      );
      const { slots } = await this.ask(numbers, { worker: `worker ${turn % 4}` });
      next += slots.length;
    }
  }

  /** The first slot counts from now. */
  get last(): number {
    return this.sent.at(-1)?.at ?? performance.timeOrigin + performance.now();
  }
}

/** The most in any second, its end not included; without `lastCounts`, of each second but its last message. */
function mostInASecond(sent: readonly Sent[], weight: (each: Sent) => number, lastCounts = true) {
  let most = 0;
  for (const [first, { at: from }] of sent.entries()) {
    const within = sent.slice(first).filter(({ at }) => at < from + 1000);
    const sum = (lastCounts ? within : within.slice(0, -1)).reduce(
      (all, each) => all + weight(each),
      0,
    );
    most = Math.max(most, sum);
  }
  return most;
}

const one = () => 1;
const numbersOf = ({ numbers }: Sent) => numbers;

/** Slots are told in whole microseconds. */
const MICROSECOND = 0.001;

function gapsOf(sent: readonly Sent[]): number[] {
  return sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? at));
}

describe('no second sees more than the limit', () => {
  test.each([20, 1000])('of %i requests', async (rate) => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate });
    await desk.fill(1100, [1]);
    expect(mostInASecond(desk.sent, one)).toBeLessThanOrEqual(rate);
    expect(Math.min(...gapsOf(desk.sent))).toBeGreaterThanOrEqual(1010 / rate - 2 * MICROSECOND);
  });

  test('of recipients, in messages of one size', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    await desk.fill(1100, [50]);
    expect(mostInASecond(desk.sent, numbersOf)).toBeLessThanOrEqual(1000);
  });

  test('of either, whatever the sizes, within one message', { timeout: 60_000 }, async () => {
    const Size = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 500 }));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 50, max: 500 }),
        fc.integer({ min: 2000, max: 20_000 }),
        fc.array(Size, { minLength: 1, maxLength: 10 }),
        (rate, recipientRate, sizes) =>
          withPrefix(async (prefix) => {
            const desk = new Desk(prefix);
            await desk.limit({ rate, recipientRate });
            await desk.fill(1100, sizes);
            expect(mostInASecond(desk.sent, one)).toBeLessThanOrEqual(rate);
            expect(mostInASecond(desk.sent, numbersOf, false)).toBeLessThanOrEqual(recipientRate);
          }),
      ),
      { numRuns: 4 },
    );
  });
});

test('slots are given 20 ms ahead and no more, so that what is urgent does not wait behind them', async () => {
  const desk = new Desk(testPrefix());
  await desk.limit({ rate: 1000 });
  const { slots } = await desk.ask(Array.from({ length: 100 }, one));
  expect(slots).toHaveLength(20);
  expect(Math.max(...slots)).toBeLessThanOrEqual(20);
});

describe('a change of the limit', () => {
  test('raised holds at once, and the second in which it changes has no more than the new one', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 0.01 });
    await desk.ask([1]);
    expect((await desk.ask([1])).slots).toEqual([]);
    await desk.limit({ rate: 200 });
    await desk.fill(1100, [1]);
    expect(mostInASecond(desk.sent, one)).toBeLessThanOrEqual(200);
  });

  test('lowered lets no second have more than the old one, nor any later one more than the new', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 200 });
    await desk.fill(600, [1]);
    await desk.limit({ rate: 50 });
    const before = desk.sent.length;
    await desk.fill(1100, [1]);
    expect(mostInASecond(desk.sent, one)).toBeLessThanOrEqual(200);
    expect(mostInASecond(desk.sent.slice(before), one)).toBeLessThanOrEqual(50);
  });

  test('keeps what is owed in recipients', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    await desk.ask([2000]);
    await desk.limit({ rate: 10_000, recipientRate: 10_000 });
    const { slots, waitMs, now } = await desk.ask([1]);
    expect(slots).toEqual([]);
    // some of the 2,000 were paid off at the old limit, and all the others are at the new one
    const paid = now - (desk.sent[0]?.at ?? 0);
    expect(waitMs).toBeLessThanOrEqual(202);
    expect(waitMs).toBeGreaterThanOrEqual(((2000 - paid) * 1010) / 10_000 - 20 - MICROSECOND);
  });

  test('to the same limit changes nothing, whatever its fractions', async () => {
    const desk = new Desk(testPrefix());
    for (let turn = 0; turn < 8; turn++) {
      await desk.limit({ rate: 700, recipientRate: 7000 });
      await desk.fill(50, [7]);
    }
    const gaps = gapsOf(desk.sent);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1010 / 700 - 2 * MICROSECOND);
  });
});

describe('recipients', () => {
  test('of a message larger than a second of them go, and are paid off afterwards', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    const { slots, waitMs } = await desk.ask([2500, 1]);
    expect(slots).toHaveLength(1);
    // 2,500 at 1,000 a second; the next slot is given 20 ms ahead
    expect(waitMs).toBeGreaterThanOrEqual(2525 - 20 - MICROSECOND);
  });

  test('sent beyond those charged are paid off too', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    const { waitMs } = await desk.ask([500, 1]);
    const more = await desk.ask([1], { owed: 1000 });
    expect(more.slots).toEqual([]);
    expect(more.waitMs).toBeGreaterThan(waitMs);
  });

  test('charged and not sent are given back while no slot is granted behind them', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    const { count } = await desk.ask([500]);
    const { slots } = await desk.ask([10, 1], { unused: { recipients: 499, count } });
    expect(slots).toHaveLength(2);
  });

  test('charged and not sent are given back once, also where the call is carried out twice', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    const { count } = await desk.ask([1000]);
    const unused = { recipients: 400, count };
    const first = await desk.ask([1], { unused });
    expect(first.slots).toEqual([]);
    const again = await desk.ask([1], { unused });
    expect(again.now + again.waitMs).toBeGreaterThanOrEqual(first.now + first.waitMs - MICROSECOND);
  });

  test('charged and not sent are lost once a slot is granted behind them', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    const { count } = await desk.ask([10, 500]);
    const unused = { recipients: 10, count: count - 1 };
    const { slots, waitMs } = await desk.ask([1], { unused });
    expect(slots).toEqual([]);
    // all of 510 at 1,000 a second; slots are given 20 ms ahead
    const paid = (await desk.ask([1])).now - (desk.sent[0]?.at ?? 0);
    expect(waitMs).toBeGreaterThanOrEqual(515 - 20 - paid - MICROSECOND);
  });

  test('given back do not make up for a time in which nothing was sent', async () => {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 10_000, recipientRate: 1000 });
    const { count } = await desk.ask([1]);
    const sizes = Array.from({ length: 60 }, () => 10);
    const { slots } = await desk.ask(sizes, { unused: { recipients: 100_000, count } });
    // 20 ms are 20 recipients
    expect(slots.length).toBeLessThanOrEqual(3);
  });
});

describe('an urgent message that has to wait', () => {
  async function markedDesk(): Promise<Desk> {
    const desk = new Desk(testPrefix());
    await desk.limit({ rate: 2 });
    await desk.ask([1]);
    expect((await desk.ask([1], { worker: 'urgent', urgent: 1 })).slots).toEqual([]);
    return desk;
  }

  test('holds other processes back until it has its slot', async () => {
    const desk = await markedDesk();
    const next = desk.last + 505;
    let grant: GrantedSlots;
    do {
      const others = await desk.ask([1]);
      // the mark runs out 140 ms after the slot
      if (others.now > next + 100) break;
      expect(others.slots).toEqual([]);
      expect(others.waitMs).toBeGreaterThan(0);
      grant = await desk.ask([1], { worker: 'urgent', urgent: 1 });
    } while (grant.slots.length === 0);
    expect(desk.last).toBeGreaterThanOrEqual(next - 2 * MICROSECOND);
    await expect.poll(async () => (await desk.ask([1])).slots.length).toBe(1);
  });

  test('holds back no other urgent one', async () => {
    const desk = await markedDesk();
    const ask = () => desk.ask([1], { worker: 'another', urgent: 1 });
    await expect.poll(async () => (await ask()).slots.length).toBe(1);
  });

  test('holds nobody back for long after its process has died', async () => {
    const desk = await markedDesk();
    await expect.poll(async () => (await desk.ask([1])).slots.length).toBe(1);
  });
});

test('a slot is never sooner than its answer can be there', async () => {
  const desk = new Desk(testPrefix());
  await desk.limit({ rate: 1000 });
  const { slots } = await desk.ask([1, 1, 1], { leadMs: 60 });
  expect(slots).toHaveLength(3);
  expect(Math.min(...slots)).toBeGreaterThanOrEqual(60);
});
