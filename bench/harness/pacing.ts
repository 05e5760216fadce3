/** A fleet at its limit: several worker processes send three campaigns, and now and then a notification. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { GivenRow } from '../../src/producer/list/options.ts';
import { createProducer, type Producer } from '../../src/producer/producer.ts';
import type { Lab } from './lab.ts';

const PacingEvent = z.object({
  /** Unix ms with fractions. */
  at: z.number(),
  numbers: z.number(),
  /** The number that a notification went to. */
  alerted: z.string().optional(),
});
export type PacingEvent = z.infer<typeof PacingEvent>;

export const ALERT = 'alert';
/** Left out at the beginning, while the workers find their campaigns. */
const WARM_UP_MS = 3000;
/** The campaigns' numbers a message where recipients are limited, in turn. */
const MIXES = [[500], [50], [1, 200, 3, 10, 120]];
/** Of requests, where recipients are limited: never in the way. */
const UNLIMITED = 100_000;
/**
 * A far end that stands still, for its code runs for the first time, it collects garbage or waits for a core, takes what
 * comes meanwhile at once: it would measure itself. A real one is on a machine of its own.
 */
const FAR_END = { flags: ['--max-semi-space-size=64'], isFirst: true };
const WARMING = { concurrency: 20, messages: 5000, batch: 1 };

export interface Limit {
  per: 'requests' | 'recipients';
  /** A second. */
  rate: number;
}

export interface PacingRun {
  permits: PacingEvent[];
  /** When a request's first byte was about to be written. */
  firstBytes: PacingEvent[];
  arrivals: PacingEvent[];
  /** Of the seconds that count, Unix ms. */
  from: number;
  until: number;
  /** Notified number → Unix ms. */
  notified: Map<string, number>;
}

export interface PacingOptions {
  limit: Limit;
  seconds: number;
  workers: number;
  /** Ms from one notification to the next, on average. */
  notifyEveryMs: number;
}

export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** @throws Error where a number was texted more than once */
export async function pace(lab: Lab, redisUrl: string, options: PacingOptions): Promise<PacingRun> {
  const { limit, seconds, workers, notifyEveryMs } = options;
  const prefix = `bench-${limit.per}-${limit.rate}`;
  const sandbox = lab.child('children/pacing-sandbox.ts', FAR_END);
  const baseUrl = await sandbox.ask('url', z.string());
  const warmer = lab.child('peers/limit.ts');
  await warmer.ask({ baseUrl, ...WARMING }, z.number());
  await Promise.all([warmer.end(), sandbox.ask('reset', z.unknown())]);
  const producer = createProducer({ redis: redisUrl, prefix });
  for (const [place, mix] of MIXES.entries()) {
    const rows = rowsOf(limit, mix, place, WARM_UP_MS / 1000 + seconds + 4);
    await producer.send({ rows }, { campaign: `list-${place}`, template: 'promo' });
  }
  const fleet = Array.from({ length: workers }, () => lab.measured('children/pacing-worker.ts'));
  const limits =
    limit.per === 'requests'
      ? { rate: limit.rate }
      : { rate: UNLIMITED, recipientRate: limit.rate };
  const task = { redis: redisUrl, prefix, baseUrl, ...limits };
  await Promise.all(fleet.map((worker) => worker.ask(task, z.unknown())));
  const from = now() + WARM_UP_MS;
  const until = from + seconds * 1000;
  await sleep(WARM_UP_MS);
  const notified = await notifyUntil(until, producer, notifyEveryMs);
  await sleep(500);
  const arrivals = await sandbox.ask('report', z.array(PacingEvent));
  const eventsOf = (what: 'permits' | 'first bytes') =>
    Promise.all(fleet.map((worker) => worker.ask(what, z.array(PacingEvent))));
  const permits = (await eventsOf('permits')).flat();
  const firstBytes = (await eventsOf('first bytes')).flat();
  const stats = await sandbox.ask('stats', z.object({ most_texts: z.number() }));
  await producer.close();
  await Promise.all([sandbox, ...fleet].map((child) => child.end()));
  if (stats.most_texts > 1) throw new Error(`one number was texted ${stats.most_texts} times`);
  return { permits, firstBytes, arrivals, from, until, notified };
}

/** Enough for so many seconds at the limit: each campaign has its turn as often as the others. */
function* rowsOf(
  limit: Limit,
  mix: readonly number[],
  place: number,
  seconds: number,
): Generator<GivenRow> {
  const sizes = limit.per === 'requests' ? [1] : mix;
  const perTurn =
    limit.per === 'requests' ? MIXES.length : MIXES.reduce((sum, each) => sum + mean(each), 0);
  const messages = Math.ceil((limit.rate * seconds) / perTurn);
  let number = 6_580_100_000 + place * 3_000_000;
  for (let message = 0; message < messages; message++) {
    for (let left = sizes[message % sizes.length] ?? 1; left > 0; left--) {
      yield { to: `+${number++}`, params: { text: `message ${message}` } };
    }
  }
}

function mean(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

async function notifyUntil(
  until: number,
  producer: Producer,
  everyMs: number,
): Promise<Map<string, number>> {
  const notified = new Map<string, number>();
  const given: Promise<unknown>[] = [];
  for (let number = 6_590_000_000; now() < until - 1000; number++) {
    const to = `+${number}`;
    notified.set(to, now());
    given.push(producer.notify({ to, template: ALERT }));
    await sleep(everyMs * (0.5 + Math.random()));
  }
  await Promise.all(given);
  await sleep(Math.max(0, until - now()));
  return notified;
}

/** Of the limit, over the seconds that count. */
export function shareUsed(events: readonly PacingEvent[], run: PacingRun, limit: Limit): number {
  const within = events.filter(({ at }) => at >= run.from && at < run.until);
  const used = within.reduce((sum, event) => sum + weight(event, limit), 0);
  return used / ((limit.rate * (run.until - run.from)) / 1000);
}

/** In any sliding second, its end not included, from the first event to the last. */
export function mostInASecond(events: readonly PacingEvent[], limit: Limit): number {
  const sorted = events.toSorted((a, b) => a.at - b.at);
  let most = 0;
  let first = 0;
  let sum = 0;
  for (const event of sorted) {
    sum += weight(event, limit);
    for (let oldest = sorted[first]; oldest && oldest.at <= event.at - 1000; ) {
      sum -= weight(oldest, limit);
      oldest = sorted[++first];
    }
    most = Math.max(most, sum);
  }
  return most;
}

function weight({ numbers }: PacingEvent, { per }: Limit): number {
  return per === 'requests' ? 1 : numbers;
}

/** Ms from `notify` to the arrival, of each notification that arrived. */
export function waits({ arrivals, notified }: PacingRun): number[] {
  return arrivals.flatMap(({ at, alerted }) => {
    const since = notified.get(alerted ?? '');
    return since === undefined ? [] : [at - since];
  });
}
