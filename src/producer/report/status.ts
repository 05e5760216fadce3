import type { Redis } from 'ioredis';
import {
  type CampaignCounts,
  type CampaignRecord,
  countsOf,
  isCancelled,
  readCampaign,
} from '../../shared/campaign/campaign.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { readWorkers } from '../../shared/fleet/heartbeat.ts';
import { readLimits } from '../../shared/fleet/limits.ts';
import { type Lock, readValve } from '../../shared/fleet/valve.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { isBalanced } from '../../shared/outcome.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { openQueue } from '../../shared/redis/queue.ts';
import { fieldsIn, Script } from '../../shared/redis/script.ts';
import { type BrokenOffReplay, brokenOffReplay } from './broken-off.ts';
import { campaignMemory } from './campaign-memory.ts';
import { type PlaceWaitedFor, placeWaitedFor } from './places.ts';

export type { CampaignCounts };

/** What a campaign is doing. `abandoned`: its `send` died before the release, and nothing of it was sent. */
export type CampaignState =
  | 'enqueuing'
  | 'scheduled'
  | 'sending'
  | 'paused'
  | 'cancelled'
  | 'finished'
  | 'abandoned';

/** Who or what keeps a campaign from going on until somebody resumes it. */
export interface Paused {
  /** `operator`: somebody, by `pause`. `canary`: its canary is over. */
  by: 'operator' | 'canary';
  /** Unix ms; null where nobody knows. */
  since: number | null;
  /** In words; null where there is nothing to say. */
  why: string | null;
}

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
  /** Why it is paused, where it is; else null. */
  paused: Paused | null;
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
  canary: { recipients: number; held: number; over: boolean } | null;
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
  /** Requests under way. */
  in_flight: number;
  /** When it wrote that, Unix ms. */
  seen_at: number;
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
  /** Requests of the last second. */
  sending_per_s: number;
  workers: WorkerStatus[];
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
  const counts = countsOf(fieldsIn(stored));
  const isLeased = leased === 1;
  const record = await campaign.record();
  const now = Date.now();
  const state = stateOf(record, counts, isLeased, now);
  const limits = await readLimits(redis, keys.fleet);
  const valve = await readValve(redis, keys.fleet, now);
  const workers = await readWorkers(redis, keys.fleet, now);
  const waits_for_place = state === 'sending' ? await placeWaitedFor(campaign, workers, now) : null;
  const moves =
    state === 'sending' && valve.length === 0 && workers.length > 0 && waits_for_place === null;
  return {
    campaign: id,
    state,
    ...counts,
    jobs: record.phase === 'forgotten' ? NO_JOBS : await countJobs(campaign),
    balanced: isBalanced(counts),
    valve,
    start_at: record.start_at ?? null,
    paused: state === 'paused' ? pausedOf(record) : null,
    eta_s: moves ? secondsLeft(record, counts, limits) : null,
    memory_bytes: await campaignMemory(campaign, record),
    forgotten_at: record.forgotten_at ?? null,
    canary: canaryOf(record, counts),
    waits_for_place,
    replay_broken_off: await brokenOffReplay(campaign, record),
  };
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
  const now = Date.now();
  const workers = await readWorkers(redis, keys.fleet, now);
  const limits = await readLimits(redis, keys.fleet);
  const info = await redis.info();
  return {
    valve: await readValve(redis, keys.fleet, now),
    rate: limits.rate,
    recipient_rate: limits.recipientRate ?? null,
    sending_per_s: workers.reduce((sum, each) => sum + each.sent_per_s, 0),
    workers: workers.map(({ id, host, in_flight, seen_at, trouble = null }) => {
      return { id, host, in_flight, seen_at, trouble };
    }),
    redis: {
      version: /^redis_version:(.*?)\r?$/m.exec(info)?.[1] ?? 'unknown',
      used_memory: Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? 0),
    },
  };
}

function stateOf(
  campaign: CampaignRecord,
  counts: CampaignCounts,
  isLeased: boolean,
  now: number,
): CampaignState {
  if (isCancelled(campaign)) return 'cancelled';
  if (campaign.phase === 'enqueuing') return isLeased ? 'enqueuing' : 'abandoned';
  if (counts.pending === 0) return 'finished';
  if (campaign.paused) return 'paused';
  if (canaryOf(campaign, counts)?.over) return 'paused';
  return (campaign.start_at ?? 0) > now ? 'scheduled' : 'sending';
}

function pausedOf({ paused, paused_at, paused_why }: CampaignRecord): Paused {
  if (!paused) return { by: 'canary', since: null, why: null };
  return { by: 'operator', since: paused_at ?? null, why: paused_why ?? null };
}

/** As the script of a resume has it, too: what of the canary was rejected, opted out or expired is over as well. */
function canaryOf(
  campaign: CampaignRecord,
  { pending, recipients }: CampaignCounts,
): CampaignStatus['canary'] {
  if (campaign.canary === undefined || isCancelled(campaign)) return null;
  const held = recipients - campaign.canary;
  return { recipients: campaign.canary, held, over: pending <= held };
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

const NO_JOBS = { waiting: 0, delayed: 0, active: 0, completed: 0, failed: 0 };

async function countJobs({ redis, keys, id }: CampaignHandle): Promise<CampaignStatus['jobs']> {
  const queue = openQueue(redis, keys, id);
  try {
    const counts = await queue.getJobCounts('waiting', 'delayed', 'active', 'completed', 'failed');
    const read = (name: string) => counts[name] ?? 0;
    return {
      waiting: read('waiting'),
      delayed: read('delayed'),
      active: read('active'),
      completed: read('completed'),
      failed: read('failed'),
    };
  } finally {
    await queue.close();
  }
}
