import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../keys.ts';
import { Script } from '../script.ts';
import { REPLAYED } from './replay-fields.ts';

/** KEYS 1 ledger.  A replay that came first needs the ledger: without it, everybody would be texted again. */
const FOLD = new Script(`
if redis.call('HEXISTS', KEYS[1], '${REPLAYED}') == 1 then return 0 end
return redis.call('UNLINK', KEYS[1])
`);

/** Removes the ledger of a completed job, whose return value holds all of it. */
export async function fold(redis: Redis, keys: CampaignKeys, jobId: string): Promise<void> {
  await FOLD.run(redis, [keys.ledger(jobId)], []);
}
