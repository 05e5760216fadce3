import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';
import { BEGUN_FIELD } from './begun.ts';
import type { LedgerFields } from './result.ts';

/**
 * The name in BullMQ of a job whose ledger is folded: every message of it was accepted. A retry by another program, such
 * as a dashboard, deletes the return value and with it the record, but leaves the name.
 */
export const ALL_ACCEPTED = 'all accepted';

const FOLD = loadScript(new URL('fold.lua', import.meta.url), { ALL_ACCEPTED, BEGUN_FIELD });

/** Removes the ledger of a completed job whose return value holds `fields`, where that is all of it. */
export async function fold(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  fields: LedgerFields,
): Promise<void> {
  const earlier = Object.keys(fields).filter((field) => field.includes('.'));
  const messages = Object.keys(fields).length - earlier.length;
  const entries = Array.from({ length: messages }, (_none, index) => fields[index] ?? '');
  const texts = [...entries, ...earlier.map((field) => fields[field] ?? '')].join('\n');
  const hash = createHash('sha1').update(texts).digest('hex');
  const own = [keys.ledger(jobId), keys.job(jobId), keys.job('completed')];
  await FOLD.run(redis, own, [jobId, hash, messages, ...earlier]);
}
