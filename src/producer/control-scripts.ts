/**
 * The steps by which a campaign's gate is shut and opened again, each one script on the campaign's slot. However large
 * the campaign is, no job is touched: what was cancelled is counted so at once, and workers end its jobs afterwards.
 * Source: docs/design.md, "Pause, resume, cancel".
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../shared/keys.ts';
import { Script } from '../shared/script.ts';

/**
 * KEYS 1 campaign  2 counts  3 BullMQ's list of active jobs
 * Returns {what was found or done, jobs that some worker holds}.
 */
const LOOK_LUA = `
local phase, paused, cancelled, chapter =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'paused', 'cancelled', 'chapter'), 1, 4)
if not phase then return {'unknown', 0} end
if phase == 'forgotten' then return {'forgotten', 0} end
chapter = tonumber(chapter or '1')
local pending = tonumber(redis.call('HGET', KEYS[2], 'pending') or '0')
local active = redis.call('LLEN', KEYS[3])
local function is(found) return {found, active} end
local over = cancelled and tonumber(cancelled) >= chapter
`;

const PAUSE = new Script(`${LOOK_LUA}
if over then return is('cancelled') end
if paused == '1' then return is('already') end
if phase == 'released' and pending == 0 then return is('finished') end
redis.call('HSET', KEYS[1], 'paused', '1')
return is('done')
`);

const RESUME = new Script(`${LOOK_LUA}
if over then return is('cancelled') end
if paused ~= '1' then return is('already') end
redis.call('HDEL', KEYS[1], 'paused')
return is('done')
`);

/** An attempt that is open counts as cancelled too; its close moves it to what it came to. */
const CANCEL = new Script(`${LOOK_LUA}
if over then return is('already') end
if phase == 'released' and pending == 0 then return is('finished') end
redis.call('HSET', KEYS[1], 'cancelled', chapter)
redis.call('HDEL', KEYS[1], 'paused')
if pending > 0 then
  redis.call('HINCRBY', KEYS[2], 'pending', -pending)
  redis.call('HINCRBY', KEYS[2], 'cancelled', pending)
end
return is('done')
`);

/** Whether it would be refused; changes nothing. */
const LOOK = new Script(`${LOOK_LUA}
return is(over and 'cancelled' or 'already')
`);

const SCRIPTS = { pause: PAUSE, resume: RESUME, cancel: CANCEL, look: LOOK };
export type Control = Exclude<keyof typeof SCRIPTS, 'look'>;

const FOUND = ['unknown', 'forgotten', 'cancelled', 'finished', 'already', 'done'] as const;
export type Found = (typeof FOUND)[number];

export async function control(
  redis: Redis,
  own: CampaignKeys,
  verb: Control | 'look',
): Promise<{ found: Found; active: number }> {
  const keys = [own.campaign, own.counts, own.job('active')];
  const reply = await SCRIPTS[verb].run(redis, keys, []);
  const [word, active] = Array.isArray(reply) ? reply : [];
  return { found: FOUND.find((each) => each === word) ?? 'unknown', active: Number(active) };
}
