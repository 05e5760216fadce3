import type { Redis } from 'ioredis';
import type { FleetKeys, Keys } from '../shared/keys.ts';
import { Script } from '../shared/script.ts';

/** A campaign that workers look after, as the registry has it. */
export interface Registered {
  id: string;
  /** Raised by whoever puts work back into a campaign: a removal that raced with it then fails. */
  generation: string;
  /** Released, and its time has come. */
  isDue: boolean;
  /** Messages in a job, on average. */
  messagesPerJob: number;
  /** It has limits of its own, under the fleet's. */
  isLimited: boolean;
}

/** KEYS 1 serving  ARGV 1 id  2 generation */
const REMOVE = new Script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`);

/** @param now Unix ms */
export async function readRegistry(redis: Redis, keys: Keys, now: number): Promise<Registered[]> {
  const serving = Object.entries(await redis.hgetall(keys.fleet.serving));
  return Promise.all(
    serving.map(async ([id, generation]) => {
      const [phase, startAt, messages, jobs, rate] = await redis.hmget(
        keys.campaign(id).campaign,
        'phase',
        'start_at',
        'messages',
        'jobs',
        'rate',
      );
      const messagesPerJob = Math.max(1, Number(messages ?? 1) / Math.max(1, Number(jobs ?? 1)));
      return {
        id,
        generation,
        isDue: phase === 'released' && Number(startAt ?? 0) <= now,
        messagesPerJob,
        isLimited: rate !== null,
      };
    }),
  );
}

/** Takes a campaign off the list that workers serve, unless somebody has put work back into it since. */
export async function removeFromRegistry(
  redis: Redis,
  keys: FleetKeys,
  { id, generation }: Registered,
): Promise<boolean> {
  return (await REMOVE.run(redis, [keys.serving], [id, generation])) === 1;
}
