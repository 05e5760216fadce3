import type { Redis } from 'ioredis';
import type { Destination } from '../destination.ts';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';
import { BEGUN, BEGUN_FIELD } from './begun.ts';
import { encodeLeftOut } from './entry.ts';

/** The gate. Nothing may be sent but what it let through. */
const OPEN = loadScript(new URL('open.lua', import.meta.url), { BEGUN, BEGUN_FIELD });

/**
 * `origin`: it is bound to another one than the caller's. `unrecorded`: the job was begun, and its ledger is gone.
 */
const GATE_CLOSED = [
  'lock',
  'closed',
  'paused',
  'cancelled',
  'early',
  'origin',
  'unrecorded',
] as const;
export type GateClosed = (typeof GATE_CLOSED)[number];

export interface Opening {
  index: number;
  /** The attempt's number: one more than were ever opened for the message. */
  number: number;
  /** The places in the message of numbers that have opted out, which its request leaves out. */
  leftOut?: readonly number[] | undefined;
}

/** The job, and who asks for it. */
export interface OpeningJob {
  jobId: string;
  /** BullMQ's lock token: the gate opens only to its holder. */
  token: string;
  run: string;
  leastLockMs: number;
  destination: Destination;
}

/**
 * Opens attempts for messages of one job, all in one step.
 * @returns for each, whether it may be sent now; or why none may.
 */
export async function openAttempts(
  redis: Redis,
  keys: CampaignKeys,
  job: OpeningJob,
  now: number,
  openings: readonly Opening[],
): Promise<boolean[] | GateClosed> {
  const { origin, account, reach } = job.destination;
  const asking = [job.token, job.leastLockMs, job.run, now.toString(36)];
  const values: (string | number)[] = [...asking, origin, account, reach];
  for (const { index, number, leftOut } of openings) {
    values.push(index, `${number}${encodeLeftOut(leftOut)}`);
  }
  const { jobId } = job;
  const of = [keys.ledger(jobId), keys.lock(jobId), keys.campaign, keys.job(jobId)];
  const reply = await OPEN.run(redis, [...of, keys.bound(jobId)], values);
  if (typeof reply === 'string' && /^[01]+$/.test(reply))
    return [...reply].map((each) => each === '1');
  return GATE_CLOSED.find((word) => word === reply) ?? 'closed';
}
