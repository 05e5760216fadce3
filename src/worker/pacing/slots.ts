import type { Redis } from 'ioredis';
import { DEFAULT_RATE } from '../../shared/fleet/limits.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

/** Slots are taken no further ahead than this, once they are known, so that a notification does not wait behind a campaign's. */
const AHEAD_US = 20_000;
/** How long the fleet waits for a probe whose process may have died. */
const PROBE_US = 10_000_000;
/** An answer that takes longer is of no use: its slots are over. */
export const LONGEST_LEAD_MS = 250;
const FURTHEST_US = AHEAD_US + LONGEST_LEAD_MS * 1000;

/** Grants slots to send in, evenly spread over Redis's clock, for requests and recipients together: a GCRA. */
const GRANT = loadScript(new URL('grant-slots.lua', import.meta.url), {
  DEFAULT_RATE,
  FURTHEST_US,
});

export interface Asking {
  /** Of this worker's credentials. */
  fingerprint: string;
  /** This process, to the others. */
  worker: string;
  /** How many of the waiting messages are urgent; they come first in `numbers`. */
  urgent: number;
  /** Recipients sent since the last time beyond what was charged. */
  owed: number;
  /** Of the last slot that was charged with more than was sent: how many, and its count. */
  unused?: Unused | undefined;
  /** Of each message that waits, the first one first. */
  numbers: readonly number[];
  /** How long after Redis's clock was read its answer is looked at: a slot that comes sooner would be over. Default: 0. */
  leadMs?: number;
}

export interface Unused {
  recipients: number;
  count: number;
}

/** What Redis answers: the slots that it granted, and what they were granted in the light of. */
export interface GrantedSlots {
  /** Redis's clock when it was asked, Unix ms with fractions. */
  now: number;
  /** Milliseconds from then, for each slot granted. */
  slots: number[];
  /** Slots granted to the whole fleet, these included, and times that recipients were given back. */
  count: number;
  /** Milliseconds until it is worth asking again. */
  waitMs: number;
  /** The breaker's last change: what is sent now is sent after it. */
  epoch: number;
  /** The breaker is open, and the one slot granted is to see whether EngageLab is back. */
  isProbe: boolean;
  /** Whether recipients are limited, so that it matters whom a slot was charged for. */
  isByRecipients: boolean;
  /** Whether the fleet's last replies were failures, or told it to wait: then a success is news. */
  isFailing: boolean;
  /** Whether EngageLab cannot have written the fleet's last replies: then one that it can have written is news. */
  isDoubted: boolean;
  /** The valve's lock that holds everything back, if one does. */
  lock?: string | undefined;
}

/** What the slots are reckoned by: the fleet's, or a campaign's own. */
export type PacerKeys = Pick<FleetKeys, 'pacer' | 'limits' | 'valve' | 'breaker'>;

export async function askForSlots(
  redis: Redis,
  keys: PacerKeys,
  asking: Asking,
): Promise<GrantedSlots> {
  const leadUs = Math.round((asking.leadMs ?? 0) * 1000);
  const reply = await GRANT.run(
    redis,
    [keys.pacer, keys.limits, keys.valve, keys.breaker],
    [
      asking.fingerprint,
      asking.worker,
      AHEAD_US + leadUs,
      asking.urgent,
      asking.owed,
      asking.unused?.recipients ?? 0,
      asking.unused?.count ?? -1,
      PROBE_US,
      leadUs,
      ...asking.numbers,
    ],
  );
  const [lock, wait, epoch, probe, ill, now, byRecipients, count, ...slots] = Array.isArray(reply)
    ? reply
    : [];
  return {
    now: Number(now) / 1000,
    slots: slots.map((slot) => Number(slot) / 1000),
    count: Number(count),
    waitMs: Number(wait) / 1000,
    epoch: Number(epoch),
    isProbe: probe === 1,
    isByRecipients: byRecipients === 1,
    isFailing: Number(ill) % 2 === 1,
    isDoubted: Number(ill) >= 2,
    ...(lock !== '' && { lock: String(lock) }),
  };
}
