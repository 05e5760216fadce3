import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';
import type { LedgerFields } from './result.ts';

/**
 * The name in BullMQ of a job whose ledger is folded: every message of it was accepted. A retry by another program, such
 * as a dashboard, deletes the return value and with it the record, but leaves the name.
 */
export const ALL_ACCEPTED = 'all accepted';

/**
 * Removes a ledger if it still is what the return value of its completed job holds. A late reply, or a replay, that came
 * in between has changed it or added a field: without its ledger, everybody in a job that runs again would be texted
 * again.
 *
 * KEYS  1 ledger  2 the job  3 completed
 * ARGV  1 job id  2 SHA-1 of the texts, with line feeds between  3 how many messages the job has
 *       then the fields of earlier attempts
 */
const FOLD = new Script(`
if not redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 0 end
local fields = {}
for index = 0, ARGV[3] - 1 do fields[index + 1] = index end
for a = 4, #ARGV do fields[#fields + 1] = ARGV[a] end
if redis.call('HLEN', KEYS[1]) ~= #fields then return 0 end
local texts = redis.call('HMGET', KEYS[1], unpack(fields))
for t = 1, #fields do
  if not texts[t] then return 0 end
end
if redis.sha1hex(table.concat(texts, '\\n')) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'name', '${ALL_ACCEPTED}')
return redis.call('UNLINK', KEYS[1])
`);

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
