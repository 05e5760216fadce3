/**
 * The steps by which a campaign comes into being, each one script on its own slot: begin under a lease, go on,
 * release in one step, or withdraw. Nothing may be sent before the release: workers attach only to what is
 * released, and the gate refuses everything else. Source: docs/design/sending.md.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { LEASE_MS } from '../../shared/campaign/laid-jobs.ts';
import { jobIdAt } from '../../shared/job.ts';
import { BEGUN } from '../../shared/ledger/begun.ts';
import { ALL_ACCEPTED } from '../../shared/ledger/fold.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import { loadScript } from '../../shared/redis/script.ts';

/** How often one that is alive renews its lease. */
export const RENEWAL_MS = 1000;

const BEGIN = loadScript(new URL('begin.lua', import.meta.url), { BEGUN, ALL_ACCEPTED });

export type Beginning =
  | { kind: 'new' | 'abandoned' | 'busy' | 'cancelled' | 'unrecorded' }
  | { kind: 'released'; fingerprint: string };

export async function begin(
  redis: Redis,
  keys: CampaignKeys,
  id: string,
  token: string,
  now: number,
): Promise<Beginning> {
  const first = jobIdAt(id, 0);
  const traces = [keys.ledger(first), keys.job('completed'), keys.job('failed')];
  const others = [...traces, keys.gone, keys.retired, keys.replays];
  const lists = ['wait', 'active', 'delayed', 'prioritized'].map((name) => keys.job(name));
  const of = [keys.campaign, keys.lease, keys.counts, ...lists, ...others];
  const reply = await BEGIN.run(redis, of, [token, LEASE_MS, now]);
  const [kind, fingerprint] = Array.isArray(reply) ? reply : [];
  if (kind === 'released') return { kind, fingerprint: String(fingerprint) };
  if (kind === 'new' || kind === 'abandoned' || kind === 'cancelled') return { kind };
  return { kind: kind === 'unrecorded' ? kind : 'busy' };
}

/**
 * Begins as soon as nobody else holds the lease. Whoever holds it and is alive renews it, which shows within a second;
 * the lease of one that died runs out, and is waited for.
 * @param onWait called once if there is something to wait for
 */
export async function beginWhenFree(
  redis: Redis,
  keys: CampaignKeys,
  id: string,
  token: string,
  signal: AbortSignal | undefined,
  onWait: (() => void) | undefined,
): Promise<Beginning> {
  let left = Number.POSITIVE_INFINITY;
  for (;;) {
    const beginning = await begin(redis, keys, id, token, await redisNow(redis));
    if (beginning.kind !== 'busy') return beginning;
    const now = await redis.pttl(keys.lease);
    if (now > left) return beginning;
    if (left === Number.POSITIVE_INFINITY) onWait?.();
    left = now;
    signal?.throwIfAborted();
    await sleep(200);
  }
}

const GO_ON = loadScript(new URL('go-on.lua', import.meta.url));

/** Renews the lease and shows how far it is. */
export async function goOn(
  redis: Redis,
  keys: CampaignKeys,
  token: string,
  counts: Readonly<Record<string, number>> = {},
): Promise<'held' | 'lost' | 'cancelled'> {
  const values = Object.entries(counts).flat();
  const own = [keys.lease, keys.counts, keys.campaign];
  const reply = await GO_ON.run(redis, own, [token, LEASE_MS, ...values]);
  return reply === 'held' || reply === 'cancelled' ? reply : 'lost';
}

const COUNT_NAMED = loadScript(new URL('count-named.lua', import.meta.url));

/** Whether all of these jobs are there, with this name. */
export async function areNamed(
  redis: Redis,
  keys: CampaignKeys,
  name: string,
  ids: readonly string[],
): Promise<boolean> {
  return (await COUNT_NAMED.run(redis, [keys.job('')], [name, ...ids])) === ids.length;
}

const RELEASE = loadScript(new URL('release.lua', import.meta.url));

export async function release(
  redis: Redis,
  keys: CampaignKeys,
  token: string,
  jobs: number,
  campaign: Readonly<Record<string, string | number>>,
  counts: Readonly<Record<string, number>>,
): Promise<'released' | 'lost' | 'cancelled' | 'miscounted'> {
  const fields = Object.entries(campaign).flat();
  const reply = await RELEASE.run(
    redis,
    [keys.campaign, keys.lease, keys.counts, keys.job('wait'), keys.job('delayed')],
    [token, jobs, fields.length, ...fields, ...Object.entries(counts).flat()],
  );
  if (reply === 'released' || reply === 'miscounted' || reply === 'cancelled') return reply;
  return 'lost';
}

const WITHDRAW = loadScript(new URL('withdraw.lua', import.meta.url));

export async function withdraw(redis: Redis, keys: CampaignKeys, token: string): Promise<boolean> {
  return (await WITHDRAW.run(redis, [keys.campaign, keys.lease, keys.counts], [token])) === 1;
}
