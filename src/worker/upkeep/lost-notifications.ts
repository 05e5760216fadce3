/**
 * Notifications that another program took. Each has one number, so its ledger alone tells what it
 * came to: one can be given up while others are being sent.
 */
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { giveUp, sizesOf } from '../../shared/campaign/notifications.ts';
import { readPiece } from '../../shared/campaign/stored-jobs.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { ALL_ACCEPTED } from '../../shared/ledger/fold.ts';
import type { CampaignKeys, Keys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

const PIECE = 500;

/** Finds those whose data are gone, and puts back those that BullMQ has nowhere. */
const SIFT = loadScript(new URL('sift-notifications.lua', import.meta.url), { ALL_ACCEPTED });

async function sift(
  redis: Redis,
  own: CampaignKeys,
  ids: readonly string[],
): Promise<{ back: number; gone: string[]; stuck: string[] }> {
  const reply = await SIFT.run(redis, [own.job(''), own.ledger('')], [...ids]);
  const [back, gone, stuck]: unknown[] = Array.isArray(reply) ? reply : [];
  const listOf = (each: unknown) => (Array.isArray(each) ? each.map(String) : []);
  return { back: Number(back ?? 0), gone: listOf(gone), stuck: listOf(stuck) };
}

/** Puts a notification that ended unsettled where new ones go. */
const RERUN = loadScript(new URL('rerun-notification.lua', import.meta.url));

async function rerun(redis: Redis, own: CampaignKeys, id: string): Promise<number> {
  const lists = ['failed', 'completed', 'wait', 'marker'].map((name) => own.job(name));
  return Number(await RERUN.run(redis, [...lists, own.job(id), own.lock(id)], [id]));
}

export interface Sifted {
  /** Jobs that wait again. */
  back: number;
  /** Jobs that were given up, and what their recipients count as now. */
  jobs: number;
  lost: number;
  unconfirmed: number;
}

/** Looks through all that are listed. @param isStopped asked between two pieces */
export async function siftNotifications(
  redis: Redis,
  keys: Keys,
  isStopped: () => boolean,
): Promise<Sifted> {
  const own = keys.campaign(NOTIFICATIONS);
  const sums = { back: 0, jobs: 0, lost: 0, unconfirmed: 0 };
  let cursor = '0';
  do {
    const [next, found] = await redis.zscan(own.jobs, cursor, 'COUNT', PIECE);
    cursor = next;
    const { back, gone, stuck } = await sift(
      redis,
      own,
      found.filter((_each, at) => at % 2 === 0),
    );
    sums.back += back;
    const { missing } = await readPiece(new CampaignHandle(redis, keys, NOTIFICATIONS), stuck);
    const bad = missing.filter(({ why }) => why === 'bad').map(({ id }) => id);
    for (const id of stuck)
      if (missing.every((each) => each.id !== id)) sums.back += await rerun(redis, own, id);
    for (const id of [...gone, ...bad]) {
      const sizes = sizesOf(id, await redis.hget(own.sizes, id));
      if (sizes === undefined) continue;
      const { lost, unconfirmed } = await giveUp(
        redis,
        own,
        id,
        sizes,
        bad.includes(id) ? 'bad' : 'gone',
      );
      if (lost + unconfirmed > 0) sums.jobs += 1;
      sums.lost += lost;
      sums.unconfirmed += unconfirmed;
    }
  } while (cursor !== '0' && !isStopped());
  return sums;
}
