import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { jobIds, readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { type Closing, closeAttempts } from '../../shared/ledger/close.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { isSettled } from '../../shared/ledger/letters.ts';
import { lostAttempt } from '../../shared/ledger/lost-attempt.ts';
import type { Logger } from '../../shared/log.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';
import { Actor } from '../actor/actor.ts';

const CHECK_MS = 1000;
/** Where a reply is still under way, the next look comes so soon. */
const AGAIN_MS = 2000;
/** A look of which nothing more is heard is begun anew after this. */
const LOOK_MS = 60_000;

const CLAIM = loadScript(new URL('claim-expiry.lua', import.meta.url));
const END = loadScript(new URL('end-expiry-look.lua', import.meta.url));

/**
 * Has messages expire that no worker runs: those of a paused campaign, and those that a canary holds
 * back. Once the `not_after` of some has passed it looks through all jobs of the campaign and closes
 * what waits there as `expired`, in the ledger. It opens nothing and moves no job: where nothing is
 * left pending, the campaign is served again, and its jobs end.
 */
export class ExpiryWatch extends Actor {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #expiring: () => readonly string[];
  readonly #log: Logger;

  /** @param expiring campaigns of which some jobs may have expired that nobody runs */
  constructor(redis: Redis, keys: Keys, expiring: () => readonly string[], log: Logger) {
    super({ everyMs: CHECK_MS, firstAfterMs: 0 }, log, 'what has expired not looked for');
    this.#redis = redis;
    this.#keys = keys;
    this.#expiring = expiring;
    this.#log = log;
  }

  async once(): Promise<void> {
    for (const id of this.#expiring()) {
      if (this.isStopped) return;
      await this.#lookThrough(new CampaignHandle(this.#redis, this.#keys, id));
    }
  }

  async #lookThrough(campaign: CampaignHandle): Promise<void> {
    const { redis, own, id } = campaign;
    const reply = await CLAIM.run(redis, [own.campaign, own.counts], [LOOK_MS]);
    const [now, claim]: unknown[] = Array.isArray(reply) ? reply : [];
    if (claim === undefined) return;
    const { cancelled = 0 } = await campaign.record();
    let next = Number.POSITIVE_INFINITY;
    let messages = 0;
    for await (const ids of jobIds(campaign)) {
      // The next look begins anew.
      if (this.isStopped) return;
      for (const stored of (await readPiece(campaign, ids)).jobs) {
        const { not_after: notAfter } = stored.job;
        if (notAfter === undefined) continue;
        // A message of it that has ended may be replayed, and so wait again.
        if (notAfter >= Number(now)) {
          next = Math.min(next, notAfter + 1);
          continue;
        }
        const { over, left } = await expire(campaign, stored, cancelled);
        messages += over;
        if (left > 0) next = Math.min(next, Number(now) + AGAIN_MS);
      }
    }
    await END.run(redis, [own.campaign], [String(claim), Number.isFinite(next) ? next : 0]);
    if (messages > 0)
      this.#log.info({ campaign: id, messages }, 'expired unsent: their not_after has passed');
  }
}

/**
 * @param cancelled the last chapter that was
 * @returns how many messages have expired, or are given up, for their attempt's worker is lost; and how many are left,
 *   for a reply is under way
 */
async function expire(
  { redis, own }: CampaignHandle,
  stored: StoredJob,
  cancelled: number,
): Promise<{ over: number; left: number }> {
  const { id, job, entries } = stored;
  const expired: Closing[] = [];
  const lost: Closing[] = [];
  for (const [index, entry] of entries.entries()) {
    const numbers = job.messages[index]?.[0].length ?? 0;
    const { state, number, last } = entry;
    if (entry.isMoved || stateOf(entry, cancelled) !== 'pending') continue;
    expired.push({ index, number, run: 'none', verdict: 'expired', numbers });
    if (state === 'open' && last) lost.push(lostAttempt(entry, last, index, numbers, 0));
  }
  if (expired.length === 0) return { over: 0, left: 0 };
  const rules = { attempts: 1, park: job.on_unconfirmed === 'park' };
  // Read after the ledger: whoever had opened an attempt that stood there has the job no more. Its
  // reply, should it come yet, is written all the same.
  const isHeld = lost.length > 0 && (await redis.exists(own.lock(id))) === 1;
  if (lost.length > 0 && !isHeld) await closeAttempts(redis, own, id, rules, lost);
  const states = await closeAttempts(redis, own, id, rules, expired);
  const over = states.filter(isSettled).length;
  return { over, left: states.length - over };
}
