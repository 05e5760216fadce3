/** Volley as a contestant: a campaign enqueued, and delivered by worker processes to its last message. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { GivenRow } from '../../src/producer/list/options.ts';
import { createProducer } from '../../src/producer/producer.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import type { BenchRedis } from './bench-redis.ts';
import type { Child } from './child.ts';
import type { FarEnd } from './far-end.ts';
import { CAMPAIGN, TEMPLATE } from './messages.ts';

/** No limit that this machine reaches. */
export const OUT_OF_THE_WAY = 1_000_000;
const LOOK_MS = 5;

const { counts } = createKeys('bench').campaign(CAMPAIGN);

/** Rows of this process, from the first to the release. @returns ms */
export async function enqueueRows(redis: BenchRedis, rows: Iterable<GivenRow>): Promise<number> {
  const producer = createProducer({ redis: redis.url, prefix: 'bench' });
  const started = performance.now();
  await producer.send({ rows }, { campaign: CAMPAIGN, template: TEMPLATE });
  const ms = performance.now() - started;
  await producer.close();
  return ms;
}

const Enqueued = z.object({ ms: z.number(), recipients: z.number(), messages: z.number() });

/**
 * A list, by a process of its own, from the file to the release.
 * @param params the columns to send; none for equal text
 * @throws Error unless every row became a recipient
 */
export async function enqueueList(
  redis: BenchRedis,
  producer: Child,
  list: { path: string; rows: number },
  params: readonly string[],
): Promise<{ ms: number; messages: number }> {
  const task = { redis: redis.url, path: list.path, params };
  const { ms, recipients, messages } = await producer.ask(task, Enqueued);
  if (recipients === list.rows) return { ms, messages };
  throw new Error(`expected ${list.rows} recipients, got ${recipients}`);
}

/** @returns ms from the start of the workers until nothing was pending */
export async function deliver(
  redis: BenchRedis,
  farEnd: FarEnd,
  workers: readonly Child[],
): Promise<number> {
  const started = performance.now();
  const task = { redis: redis.url, baseUrl: farEnd.url, rate: OUT_OF_THE_WAY };
  await Promise.all(workers.map((worker) => worker.ask(task, z.unknown())));
  while (Number(await redis.client.hget(counts, 'pending')) > 0) await sleep(LOOK_MS);
  const ms = performance.now() - started;
  await Promise.all(workers.map((worker) => worker.ask('stop', z.unknown())));
  return ms;
}
