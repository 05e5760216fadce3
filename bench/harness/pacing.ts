/** A fleet at its limit: several worker processes send three campaigns, and now and then a notification. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { GivenRow } from '../../src/producer/list-options.ts';
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
const CAMPAIGNS = 3;

export interface PacingRun {
  permits: PacingEvent[];
  arrivals: PacingEvent[];
  /** Of the seconds that count, Unix ms. */
  from: number;
  until: number;
  /** Notified number → Unix ms. */
  notified: Map<string, number>;
}

export interface PacingOptions {
  /** Requests a second. */
  rate: number;
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
  const { rate, seconds, workers, notifyEveryMs } = options;
  const prefix = `bench-${rate}`;
  const sandbox = lab.child('children/pacing-sandbox.ts');
  const baseUrl = await sandbox.ask('url', z.string());
  const producer = createProducer({ redis: redisUrl, prefix });
  const messages = Math.ceil((rate * (WARM_UP_MS / 1000 + seconds + 4)) / CAMPAIGNS);
  for (let place = 0; place < CAMPAIGNS; place++) {
    const options = { campaign: `list-${place}`, template: 'promo' };
    await producer.send({ rows: rowsOf(place, messages) }, options);
  }
  const fleet = Array.from({ length: workers }, () => lab.measured('children/pacing-worker.ts'));
  const task = { redis: redisUrl, prefix, baseUrl, rate };
  await Promise.all(fleet.map((worker) => worker.ask(task, z.unknown())));
  const from = now() + WARM_UP_MS;
  const until = from + seconds * 1000;
  await sleep(WARM_UP_MS);
  const notified = await notifyUntil(until, producer, notifyEveryMs);
  await sleep(500);
  const arrivals = await sandbox.ask('report', z.array(PacingEvent));
  const permits: PacingEvent[] = [];
  for (const worker of fleet) permits.push(...(await worker.ask('report', z.array(PacingEvent))));
  const stats = await sandbox.ask('stats', z.object({ most_texts: z.number() }));
  await producer.close();
  await Promise.all([sandbox, ...fleet].map((child) => child.end()));
  if (stats.most_texts > 1) throw new Error(`one number was texted ${stats.most_texts} times`);
  return { permits, arrivals, from, until, notified };
}

function* rowsOf(place: number, messages: number): Generator<GivenRow> {
  const first = 6_580_000_000 + place * 3_000_000;
  for (let message = 0; message < messages; message++) {
    yield { to: `+${first + message}`, params: { text: `message ${message}` } };
  }
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
export function shareUsed(events: readonly PacingEvent[], run: PacingRun, rate: number): number {
  const within = events.filter(({ at }) => at >= run.from && at < run.until);
  return within.length / ((rate * (run.until - run.from)) / 1000);
}

/** Sliding seconds, their end not included, that saw more than the limit; and the most of any. */
export function secondsAbove(
  events: readonly PacingEvent[],
  rate: number,
): { above: number; most: number } {
  const times = events.map(({ at }) => at).sort((a, b) => a - b);
  let above = 0;
  let most = 0;
  let first = 0;
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? at) <= at - 1000) first++;
    const count = last - first + 1;
    if (count > rate) above++;
    most = Math.max(most, count);
  }
  return { above, most };
}

/** Ms from `notify` to the arrival, of each notification that arrived. */
export function waits({ arrivals, notified }: PacingRun): number[] {
  return arrivals.flatMap(({ at, alerted }) => {
    const since = notified.get(alerted ?? '');
    return since === undefined ? [] : [at - since];
  });
}
