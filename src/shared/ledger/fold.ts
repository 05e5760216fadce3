import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../keys.ts';
import { Script } from '../script.ts';
import { REPLAYED } from './replay-fields.ts';

/**
 * The name in BullMQ of a job whose ledger is folded: every message of it was accepted. A retry by another program, such
 * as a dashboard, deletes the return value and with it the record, but leaves the name.
 */
export const ALL_ACCEPTED = 'all accepted';

/** The entry of a message of which no more than that is known. */
export const ACCEPTED_ENTRY = 'a,1,0,0,0,,0,,;';

/**
 * KEYS  1 ledger  2 the job  3 completed  ARGV  1 job id  2 fields in the ledger when it was compared
 * A job that runs again needs its ledger: without it, everybody would be texted again.
 */
const FOLD = new Script(`
if not redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 0 end
if redis.call('HEXISTS', KEYS[1], '${REPLAYED}') == 1 then return 0 end
if redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], 'name', '${ALL_ACCEPTED}')
return redis.call('UNLINK', KEYS[1])
`);

/** Removes the ledger of a completed job, whose return value holds all of its fields. */
export async function fold(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  fields: number,
): Promise<void> {
  const own = [keys.ledger(jobId), keys.job(jobId), keys.job('completed')];
  await FOLD.run(redis, own, [jobId, fields]);
}
