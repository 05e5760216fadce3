import type { Redis } from 'ioredis';
import {
  type CampaignCounts,
  type CampaignRecord,
  countsOf,
  isCancelled,
  readCampaign,
} from '../../shared/campaign/campaign.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { type QueueBrakes, readBrakes } from '../../shared/campaign/queue-brakes.ts';
import { readWorkers } from '../../shared/fleet/heartbeat.ts';
import { readLimits } from '../../shared/fleet/limits.ts';
import { type Lock, readValve } from '../../shared/fleet/valve.ts';
import { hindranceOf } from '../../shared/hindrance.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { isBalanced } from '../../shared/outcome.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import { fieldsIn, Script } from '../../shared/redis/script.ts';
import { type BrokenOffReplay, brokenOffReplay } from './broken-off.ts';
import { campaignMemory } from './campaign-memory.ts';
import { NO_JOBS, readJobCounts } from './job-counts.ts';
import { originWaitedFor } from './origins.ts';
import { type Canary, canaryOf, type Paused, pausedOf, putOffWords } from './paused.ts';
import { type PlaceWaitedFor, placeWaitedFor } from './places.ts';

export type { CampaignCounts, Canary, Paused };

/** What a campaign is doing. `abandoned`: its `send` died before the release, and nothing of it was sent. */
export type CampaignState =
  | 'enqueuing'
  | 'scheduled'
  | 'sending'
  | 'paused'
  | 'cancelled'
  | 'finished'
  | 'abandoned';

/** A campaign at one moment. Counts are of rows or recipients, `jobs` are BullMQ's, times Unix ms. */
export interface CampaignStatus extends CampaignCounts {
  campaign: string;
  state: CampaignState;
  jobs: { waiting: number; delayed: number; active: number; completed: number; failed: number };
  /** Whether rows and recipients add up. */
  balanced: boolean;
  /** The locks of the fleet's valve. */
  valve: Lock[];
  /** When it starts or started, as `startAt` said, Unix ms; null where it was to start at once. */
  start_at: number | null;
  /** Where its requests go since the first of them; null while there was none, and for notifications. */
  origin: string | null;
  /** A fingerprint of the credentials that it was sent with first: it tells accounts apart. */
  account: string | null;
  /** To which origins the running workers send, where none of them may go on with it; else null. */
  waits_for_origin: { workers: string[] } | null;
  /** Why it is paused, where it is; else null. */
  paused: Paused | null;
  /**
   * What another program has set on its queue in BullMQ that lets only few jobs be run, or until when all of its jobs are
   * put off, in words; null where nothing is. `resume` takes it off.
   */
  slowed: string | null;
  /** Seconds until nothing is pending, at the present rate; null where nothing moves. */
  eta_s: number | null;
  /** What it takes up in Redis: an estimate, from some of its jobs. */
  memory_bytes: number;
  /** When its jobs were forgotten, Unix ms; null while they are there. */
  forgotten_at: number | null;
  /**
   * The recipients that are sent to first, and those that wait for it and then for `resume`; `over` once nothing of the
   * first is pending. Null where nothing is held back.
   */
  canary: Canary | null;
  /** Who has the places of `VOLLEY_MAX_CAMPAIGNS`, where it could be sent and has none; else null. */
  waits_for_place: PlaceWaitedFor | null;
  /** A replay that did not come to its end, and that the same one goes on with; else null. */
  replay_broken_off: BrokenOffReplay | null;
}

/**
 * The state and the counts must be of the same moment. A script and no transaction, which a Redis that is full refuses
 * even where it only reads.
 */
const COUNTS = new Script(`return {redis.call('HGETALL', KEYS[1]), redis.call('EXISTS', KEYS[2])}`);

/** A worker as its last heartbeat tells. */
export interface WorkerStatus {
  id: string;
  host: string;
  /** Where it sends; null for one of an older version, which does not tell. */
  origin: string | null;
  /** Requests under way. */
  in_flight: number;
  /** When it wrote that, Unix ms. */
  seen_at: number;
  /** By how much its machine's clock is ahead of Redis's, ms; negative where it is behind; null of an older worker. */
  clock_off_ms: number | null;
  /** What keeps it from fetching or moving jobs; null where nothing does. */
  trouble: { error: string; since: number; count: number } | null;
}

/** The fleet at one moment. */
export interface FleetStatus {
  /** The locks that hold; none where it is open. */
  valve: Lock[];
  /** Most requests a second. */
  rate: number;
  /** Most recipients a second; null for no limit. */
  recipient_rate: number | null;
  /** Redis's clock when this was read, Unix ms: by it goes every time in here. */
  now: number;
  /** Requests of the last second. */
  sending_per_s: number;
  workers: WorkerStatus[];
  /** Why no notification leaves, where another program stopped their queue in BullMQ; else null. */
  notifications_held: string | null;
  /** `used_memory` in bytes. */
  redis: { version: string; used_memory: number };
}

/** @throws VolleyError `not_found` */
export async function campaignStatus(
  redis: Redis,
  keys: Keys,
  id: string,
): Promise<CampaignStatus> {
  const campaign = new CampaignHandle(redis, keys, id);
  const { own } = campaign;
  const replies = await COUNTS.run(redis, [own.counts, own.lease], []);
  const [stored, leased]: unknown[] = Array.isArray(replies) ? replies : [];
  const fields = fieldsIn(stored);
  const counts = countsOf(fields);
  const isCounted = fields['recipients'] !== undefined;
  const isLeased = leased === 1;
  const record = await campaign.record();
  const now = await redisNow(redis);
  const brakes = await readBrakes(redis, own);
  const state = stateOf(record, counts, { isLeased, brakes, isCounted, id }, now);
  const limits = await readLimits(redis, keys.fleet);
  const valve = await readValve(redis, keys.fleet, now);
  const workers = await readWorkers(redis, keys.fleet, now);
  const waits_for_place = state === 'sending' ? await placeWaitedFor(campaign, workers, now) : null;
  const waits_for_origin = state === 'sending' ? originWaitedFor(record.origin, workers) : null;
  const slowed =
    brakes.slows ?? (state === 'sending' ? await slowedBy(campaign, record, now) : null);
  const isHindered = waits_for_place !== null || waits_for_origin !== null || slowed !== null;
  const moves = state === 'sending' && valve.length === 0 && workers.length > 0 && !isHindered;
  return {
    campaign: id,
    state,
    ...counts,
    jobs: record.phase === 'forgotten' ? NO_JOBS : await readJobCounts(campaign),
    balanced: isBalanced(counts),
    valve,
    start_at: record.start_at ?? null,
    origin: record.origin ?? null,
    account: record.account ?? null,
    waits_for_origin,
    paused: state === 'paused' ? pausedOf(id, record, counts, brakes) : null,
    slowed,
    eta_s: moves ? secondsLeft(record, counts, limits) : null,
    memory_bytes: await campaignMemory(campaign, record),
    forgotten_at: record.forgotten_at ?? null,
    canary: canaryOf(record, counts),
    waits_for_place,
    replay_broken_off: await brokenOffReplay(campaign, record),
  };
}

async function slowedBy(
  campaign: CampaignHandle,
  record: CampaignRecord,
  now: number,
): Promise<string | null> {
  return hindranceOf(record.hindered, now) ?? (await putOffWords(campaign, now));
}

/** Every campaign that is known, the newest last; the notifications first, where there are any. */
export async function listCampaigns(redis: Redis, keys: Keys): Promise<CampaignStatus[]> {
  const ids = await redis.zrange(keys.fleet.campaigns, '0', '-1');
  if ((await redis.exists(keys.campaign(NOTIFICATIONS).jobs)) === 1) ids.unshift(NOTIFICATIONS);
  const list: CampaignStatus[] = [];
  for (const id of ids) {
    // One that has been withdrawn since is simply not there any more.
    if (await readCampaign(redis, keys, id)) list.push(await campaignStatus(redis, keys, id));
  }
  return list;
}

export async function fleetStatus(redis: Redis, keys: Keys): Promise<FleetStatus> {
  const now = await redisNow(redis);
  const workers = await readWorkers(redis, keys.fleet, now);
  const limits = await readLimits(redis, keys.fleet);
  const info = await redis.info();
  return {
    now,
    valve: await readValve(redis, keys.fleet, now),
    rate: limits.rate,
    recipient_rate: limits.recipientRate ?? null,
    sending_per_s: workers.reduce((sum, each) => sum + each.sent_per_s, 0),
    workers: workers.map((worker) => {
      const { id, host, origin = null, in_flight, seen_at } = worker;
      const { clock_off_ms = null, trouble = null } = worker;
      return { id, host, origin, in_flight, seen_at, clock_off_ms, trouble };
    }),
    notifications_held: (await readBrakes(redis, keys.campaign(NOTIFICATIONS))).stops ?? null,
    redis: {
      version: /^redis_version:(.*?)\r?$/m.exec(info)?.[1] ?? 'unknown',
      used_memory: Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? 0),
    },
  };
}

function stateOf(
  campaign: CampaignRecord,
  counts: CampaignCounts,
  about: { isLeased: boolean; brakes: QueueBrakes; isCounted: boolean; id: string },
  now: number,
): CampaignState {
  const { isLeased, brakes, isCounted, id } = about;
  if (isCancelled(campaign)) return 'cancelled';
  if (campaign.phase === 'enqueuing') return isLeased ? 'enqueuing' : 'abandoned';
  const isStopped = brakes.stops !== undefined;
  // Of the notifications the next would not leave either.
  if (isStopped && id === NOTIFICATIONS) return 'paused';
  // Below 0 only where another program has changed what is counted. Where it removed the counts, workers make them anew.
  const isKnown = isCounted || campaign.phase === 'forgotten' || id === NOTIFICATIONS;
  if (counts.pending <= 0 && isKnown) return 'finished';
  if (campaign.paused) return 'paused';
  if (isStopped || canaryOf(campaign, counts)?.over) return 'paused';
  return (campaign.start_at ?? 0) > now ? 'scheduled' : 'sending';
}

function secondsLeft(
  campaign: CampaignRecord,
  counts: CampaignCounts,
  limits: { rate: number; recipientRate?: number | undefined },
): number {
  // Of a canary, what is held back does not move.
  const pending = counts.pending - (canaryOf(campaign, counts)?.held ?? 0);
  const messages = (pending * (campaign.messages ?? 0)) / Math.max(1, counts.recipients);
  const rate = Math.min(limits.rate, campaign.rate ?? Infinity);
  const recipientRate = Math.min(
    limits.recipientRate ?? Infinity,
    campaign.recipient_rate ?? Infinity,
  );
  return Math.ceil(Math.max(messages / rate, pending / recipientRate));
}
