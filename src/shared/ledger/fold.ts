import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../keys.ts';
import { Script } from '../script.ts';
import type { LedgerFields } from './result.ts';

/**
 * Removes a ledger if it still is what a return value holds. A late reply, or a replay, that came in between has
 * changed it or added a field: without its ledger, everybody in a job that is replayed would be texted again.
 *
 * KEYS  1 ledger
 * ARGV  1 SHA-1 of the texts, with line feeds between  2 how many messages the job has  then the fields of earlier attempts
 */
const FOLD = new Script(`
local fields = {}
for index = 0, ARGV[2] - 1 do fields[index + 1] = index end
for a = 3, #ARGV do fields[#fields + 1] = ARGV[a] end
if redis.call('HLEN', KEYS[1]) ~= #fields then return 0 end
local texts = redis.call('HMGET', KEYS[1], unpack(fields))
for t = 1, #fields do
  if not texts[t] then return 0 end
end
if redis.sha1hex(table.concat(texts, '\\n')) ~= ARGV[1] then return 0 end
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
  await FOLD.run(redis, [keys.ledger(jobId)], [hash, messages, ...earlier]);
}
