/**
 * What is known of a campaign as a whole: a hash of its own, beside its counts. Its gate opens with `phase`.
 */
import type { Redis } from 'ioredis';
import * as z from 'zod';
import { VolleyError } from '../errors.ts';
import { COUNTS, type Counts } from '../outcome.ts';
import type { Keys } from '../redis/keys.ts';

const numberField = z.coerce.number<string>().optional();

/** Times in Unix ms. */
export const CampaignRecord = z.object({
  /** `enqueuing` until every check has passed: nothing may be sent before. `forgotten`: its jobs are gone, or going. */
  phase: z.enum(['enqueuing', 'released', 'forgotten']),
  /** SHA-256 of list, template and params: the same command, the same fingerprint. */
  fingerprint: z.string().optional(),
  template: z.string().optional(),
  messages: numberField,
  jobs: numberField,
  /** Rows of its list that are empty in every cell, and no rows. */
  blank: numberField,
  created_at: numberField,
  /** When a worker first found that its `send` had died before the release. */
  abandoned_at: numberField,
  released_at: numberField,
  start_at: numberField,
  /** Limits a second of its own, under the fleet's. */
  rate: numberField,
  recipient_rate: numberField,
  /** What reading its list came to, as `encodeLaid` has it: from its jobs alone it cannot be counted again. */
  laid: z.string().optional(),
  /**
   * When a campaign that nobody serves is next looked through for jobs whose `not_after` has passed; 0 for never. Absent
   * where an older Volley released it: then nobody knows.
   */
  expiry_look: numberField,
  /** Recipients that are sent to first; the rest waits until it is resumed. */
  canary: numberField,
  /** Where its requests go since the first of them, and with whose account: `shared/destination.ts`. */
  origin: z.string().optional(),
  account: z.string().optional(),
  /** With a canary: the positions of the jobs that it holds back, from the first to the one after the last. */
  held_from: numberField,
  held_to: numberField,
  paused: z.literal('1').optional(),
  /** Messages in a row, refused under one code, that pause it. Absent means `HALT_AFTER`. */
  halt_after: z.literal('never').or(z.coerce.number<string>()).optional(),
  /**
   * Who paused it, when, and what there is to know of it: of a halt, the code and EngageLab's words behind it. Absent
   * where an older Volley paused it.
   */
  paused_by: z.string().optional(),
  paused_at: numberField,
  paused_why: z.string().optional(),
  /** The newest chapter: 1 is the first sending, and each replay begins another. Absent means 1. */
  chapter: numberField,
  /** The last chapter whose unsent messages were cancelled. */
  cancelled: numberField,
  /** How often jobs of it were found gone; each in `~gone` names the time it was one of them. */
  gone: numberField,
  /** What keeps its jobs from being run, and when that was noted last: `hindrance.ts`. */
  hindered: z.string().optional(),
  /** When it was forgotten, and how many bytes of Redis that has freed so far. */
  forgotten_at: numberField,
  freed_bytes: numberField,
  /** Its jobs are still being removed. */
  forgetting: z.literal('1').optional(),
});
export type CampaignRecord = z.infer<typeof CampaignRecord>;

const LAID = ['rows', 'invalid', 'duplicate', 'suppressed', 'recipients'] as const;

export function encodeLaid(counts: Readonly<Record<string, number>>): string {
  return LAID.map((name) => counts[name] ?? 0).join(',');
}

/** @returns undefined where an older Volley had not written it down */
export function decodeLaid(
  text: string | undefined,
): Record<(typeof LAID)[number], number> | undefined {
  if (text === undefined) return undefined;
  const [rows = 0, invalid = 0, duplicate = 0, suppressed = 0, recipients = 0] = text
    .split(',')
    .map(Number);
  return { rows, invalid, duplicate, suppressed, recipients };
}

/** Whether all of it that had not been sent was cancelled: no replay has begun a chapter since. */
export function isCancelled({ cancelled = 0, chapter = 1 }: CampaignRecord): boolean {
  return cancelled >= chapter;
}

/** @returns undefined where there is no such campaign */
export async function readCampaign(
  redis: Redis,
  keys: Keys,
  id: string,
): Promise<CampaignRecord | undefined> {
  const fields = await redis.hgetall(keys.campaign(id).campaign);
  if (Object.keys(fields).length === 0) return undefined;
  const parsed = CampaignRecord.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw new VolleyError('corrupt', `campaign ${id}: ${z.prettifyError(parsed.error)}`);
}

/** The counts of a campaign: rows, and recipients by state. */
export interface CampaignCounts extends Counts {
  /** Recipients not accepted, by their message's last code. */
  codes: Record<string, number>;
}

/** All counts at one moment: they are moved together, and read together. */
export async function readCounts(redis: Redis, keys: Keys, id: string): Promise<CampaignCounts> {
  return countsOf(await redis.hgetall(keys.campaign(id).counts));
}

export function countsOf(fields: Record<string, string>): CampaignCounts {
  const read = (name: string) => Number(fields[name] ?? 0);
  const codes = Object.keys(fields)
    .filter((name) => name.startsWith('code:'))
    .sort()
    .map((name) => [name.slice('code:'.length), read(name)] as const);
  const empty: Counts = {
    rows: 0,
    invalid: 0,
    duplicate: 0,
    suppressed: 0,
    recipients: 0,
    pending: 0,
    accepted: 0,
    shortfall: 0,
    rejected: 0,
    exhausted: 0,
    unconfirmed: 0,
    expired: 0,
    cancelled: 0,
    opted_out: 0,
    capped: 0,
    lost: 0,
  };
  for (const name of COUNTS) empty[name] = read(name);
  return { ...empty, codes: Object.fromEntries(codes) };
}
