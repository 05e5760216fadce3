/**
 * The steps by which a campaign comes into being, each one script on its own slot: begin under a lease, go on,
 * release in one step, or withdraw. Nothing may be sent before the release: workers attach only to what is
 * released, and the gate refuses everything else. Source: docs/design.md, "Enqueuing is all or nothing".
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { Script } from '../../shared/redis/script.ts';

/** How long a `send` that died keeps others from its id. */
export const LEASE_MS = 5000;
/** How often one that is alive renews its lease. */
export const RENEWAL_MS = 1000;

/**
 * KEYS 1 campaign  2 lease  ARGV 1 token  2 lease ms  3 now
 * Returns {"released", fingerprint} (also where its jobs were forgotten since), {"cancelled"} (while it was being
 * enqueued), {"busy"}, {"abandoned"} (what was laid must be cleared) or {"new"}.
 */
const BEGIN = new Script(`
local phase, fingerprint, cancelled =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'fingerprint', 'cancelled'), 1, 3)
if phase == 'released' or phase == 'forgotten' then return {'released', fingerprint or ''} end
if phase and cancelled then return {'cancelled'} end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return {'busy'} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[1], 'phase', 'enqueuing', 'created_at', ARGV[3])
return {phase == 'enqueuing' and 'abandoned' or 'new'}
`);

export type Beginning =
  | { kind: 'new' | 'abandoned' | 'busy' | 'cancelled' }
  | { kind: 'released'; fingerprint: string };

export async function begin(
  redis: Redis,
  keys: CampaignKeys,
  token: string,
  now: number,
): Promise<Beginning> {
  const reply = await BEGIN.run(redis, [keys.campaign, keys.lease], [token, LEASE_MS, now]);
  const [kind, fingerprint] = Array.isArray(reply) ? reply : [];
  if (kind === 'released') return { kind, fingerprint: String(fingerprint) };
  if (kind === 'new' || kind === 'abandoned' || kind === 'cancelled') return { kind };
  return { kind: 'busy' };
}

/**
 * Begins as soon as nobody else holds the lease. Whoever holds it and is alive renews it, which shows within a second;
 * the lease of one that died runs out, and is waited for.
 * @param onWait called once if there is something to wait for
 */
export async function beginWhenFree(
  redis: Redis,
  keys: CampaignKeys,
  token: string,
  signal: AbortSignal | undefined,
  onWait: (() => void) | undefined,
): Promise<Beginning> {
  let left = Number.POSITIVE_INFINITY;
  for (;;) {
    const beginning = await begin(redis, keys, token, Date.now());
    if (beginning.kind !== 'busy') return beginning;
    const now = await redis.pttl(keys.lease);
    if (now > left) return beginning;
    if (left === Number.POSITIVE_INFINITY) onWait?.();
    left = now;
    signal?.throwIfAborted();
    await sleep(200);
  }
}

/**
 * KEYS 1 lease  2 counts  3 campaign  ARGV 1 token  2 lease ms  then names and numbers to set
 * Returns "held", "lost", or "cancelled": then the lease is still held, for what was laid is to be cleared.
 */
const GO_ON = new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('HEXISTS', KEYS[3], 'cancelled') == 1 then return 'cancelled' end
if #ARGV > 2 then redis.call('HSET', KEYS[2], unpack(ARGV, 3)) end
return 'held'
`);

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

/**
 * KEYS 1 what BullMQ's keys of the queue begin with  ARGV 1 name of a job  then ids
 * Returns how many of these jobs have that name.
 */
const COUNT_NAMED = new Script(`
local count = 0
for a = 2, #ARGV do
  if redis.call('HGET', KEYS[1] .. ARGV[a], 'name') == ARGV[1] then count = count + 1 end
end
return count
`);

/** Whether all of these jobs are there, with this name. */
export async function areNamed(
  redis: Redis,
  keys: CampaignKeys,
  name: string,
  ids: readonly string[],
): Promise<boolean> {
  return (await COUNT_NAMED.run(redis, [keys.job('')], [name, ...ids])) === ids.length;
}

/**
 * KEYS 1 campaign  2 lease  3 counts  4 BullMQ's list of waiting jobs  5 its delayed ones
 * ARGV 1 token  2 jobs laid  3 how many fields of the campaign follow  then those, then the counts
 * Returns "released" (also when this very call had released it), "lost", "cancelled" or "miscounted".
 */
const RELEASE = new Script(`
if redis.call('HGET', KEYS[1], 'released_by') == ARGV[1] then return 'released' end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lost' end
if redis.call('HEXISTS', KEYS[1], 'cancelled') == 1 then return 'cancelled' end
local jobs = redis.call('LLEN', KEYS[4]) + redis.call('ZCARD', KEYS[5])
if jobs ~= tonumber(ARGV[2]) then return 'miscounted' end
local last = 3 + tonumber(ARGV[3])
redis.call('HSET', KEYS[3], unpack(ARGV, last + 1))
redis.call('HSET', KEYS[1], 'phase', 'released', 'released_by', ARGV[1], unpack(ARGV, 4, last))
redis.call('DEL', KEYS[2])
return 'released'
`);

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

/**
 * KEYS 1 campaign  2 lease  3 counts  ARGV 1 token
 * Returns 1 if what there was is gone; one that was cancelled stays on record, with no rows.
 */
const WITHDRAW = new Script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'phase') ~= 'enqueuing' then return 0 end
redis.call('DEL', KEYS[2], KEYS[3])
if redis.call('HEXISTS', KEYS[1], 'cancelled') == 1 then return 0 end
redis.call('DEL', KEYS[1])
return 1
`);

export async function withdraw(redis: Redis, keys: CampaignKeys, token: string): Promise<boolean> {
  return (await WITHDRAW.run(redis, [keys.campaign, keys.lease, keys.counts], [token])) === 1;
}
