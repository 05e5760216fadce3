/** Volley as a contestant: a campaign enqueued, and delivered by worker processes to its last message. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { ListSource } from '../../src/producer/list-options.ts';
import { createProducer } from '../../src/producer/producer.ts';
import type { SendResult } from '../../src/producer/send.ts';
import { createKeys } from '../../src/shared/keys.ts';
import type { BenchRedis } from './bench-redis.ts';
import type { Child } from './child.ts';
import type { FarEnd } from './far-end.ts';
import { CAMPAIGN, TEMPLATE } from './messages.ts';

/** No limit that this machine reaches. */
export const OUT_OF_THE_WAY = 1_000_000;
const LOOK_MS = 5;

const { counts } = createKeys('bench').campaign(CAMPAIGN);

/** @returns what came of it, and how long it took from the source to the release */
export async function enqueue(
  redis: BenchRedis,
  source: ListSource,
  params?: readonly string[],
): Promise<{ result: SendResult; ms: number }> {
  const producer = createProducer({ redis: redis.url, prefix: 'bench' });
  const started = performance.now();
  const options = { campaign: CAMPAIGN, template: TEMPLATE, params };
  const result = await producer.send(source, options);
  const ms = performance.now() - started;
  await producer.close();
  return { result, ms };
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
