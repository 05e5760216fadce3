/**
 * The steps by which a campaign's gate is shut and opened again, each one script on the campaign's slot. However large
 * the campaign is, no job is touched: what was cancelled is counted so at once, and workers end its jobs afterwards.
 * Source: docs/design.md, "Pause, resume, cancel".
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { Script } from '../../shared/redis/script.ts';

/**
 * KEYS 1 campaign  2 counts  3 BullMQ's list of active jobs
 * Returns {what was found or done, jobs that some worker holds, recipients pending before}.
 */
const LOOK_LUA = `
local phase, paused, cancelled, chapter =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'paused', 'cancelled', 'chapter'), 1, 4)
if not phase then return {'unknown', 0, 0} end
if phase == 'forgotten' then return {'forgotten', 0, 0} end
chapter = tonumber(chapter or '1')
local pending = tonumber(redis.call('HGET', KEYS[2], 'pending') or '0')
local active = redis.call('LLEN', KEYS[3])
local function is(found) return {found, active, pending} end
local over = cancelled and tonumber(cancelled) >= chapter
`;

const PAUSE = new Script(`${LOOK_LUA}
if over then return is('cancelled') end
if paused == '1' then return is('already') end
if phase == 'released' and pending == 0 then return is('finished') end
redis.call('HSET', KEYS[1], 'paused', '1')
return is('done')
`);

/**
 * One resume does one of two things: it takes off a pause, or, where nobody has paused it and its canary is over, it
 * sends the rest. Which of them was looked at before, and it does no other: two people who resume at once, or a script
 * that runs twice, would else take off the pause with the first call and send everything with the second.
 *
 * ARGV 1 look, unpause or rest  2 how many recipients are expected to be pending, or ""
 */
const RESUME = new Script(`${LOOK_LUA}
if over then return is('cancelled') end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= pending then return is('changed') end
local what = 'already'
if paused == '1' then
  what = 'unpause'
elseif pending > 0 then
  local canary = tonumber(redis.call('HGET', KEYS[1], 'canary') or '')
  local recipients = tonumber(redis.call('HGET', KEYS[2], 'recipients') or '0')
  if canary and pending <= recipients - canary then what = 'rest' end
end
if ARGV[1] == 'look' then return is(what) end
if ARGV[1] == 'rest' and what == 'unpause' then return is('paused') end
if ARGV[1] ~= what then return is('already') end
redis.call('HDEL', KEYS[1], what == 'rest' and 'canary' or 'paused')
return is('done')
`);

/** An attempt that is open counts as cancelled too; its close moves it to what it came to. */
const CANCEL = new Script(`${LOOK_LUA}
if over then return is('already') end
if phase == 'released' and pending == 0 then return is('finished') end
redis.call('HSET', KEYS[1], 'cancelled', chapter)
-- Nothing is held back any more: those jobs are to be ended, and a replay is not a canary.
redis.call('HDEL', KEYS[1], 'paused', 'canary')
if pending > 0 then
  redis.call('HINCRBY', KEYS[2], 'pending', -pending)
  redis.call('HINCRBY', KEYS[2], 'cancelled', pending)
end
return is('done')
`);

const SCRIPTS = { pause: PAUSE, cancel: CANCEL };
export type Control = keyof typeof SCRIPTS | 'resume';
export type ResumeStep = 'look' | 'unpause' | 'rest';

/** `unpause`, `rest`: what a resume would do. `changed`, `paused`: what kept one from doing it. */
const FOUND = [
  ...(['unknown', 'forgotten', 'cancelled', 'finished', 'already', 'done'] as const),
  ...(['unpause', 'rest', 'changed', 'paused'] as const),
] as const;
export type Found = (typeof FOUND)[number];

export interface Controlled {
  found: Found;
  /** Jobs that some worker holds. */
  active: number;
  /** Recipients that were pending before. */
  pending: number;
}

export async function control(
  redis: Redis,
  own: CampaignKeys,
  verb: keyof typeof SCRIPTS,
): Promise<Controlled> {
  return read(await SCRIPTS[verb].run(redis, keysOf(own), []));
}

/** @param expected how many recipients must be pending; where they are not, nothing is done */
export async function controlResume(
  redis: Redis,
  own: CampaignKeys,
  step: ResumeStep,
  expected?: number,
): Promise<Controlled> {
  return read(await RESUME.run(redis, keysOf(own), [step, expected ?? '']));
}

const keysOf = (own: CampaignKeys) => [own.campaign, own.counts, own.job('active')];

function read(reply: unknown): Controlled {
  const [word, active, pending] = Array.isArray(reply) ? reply : [];
  const found = FOUND.find((each) => each === word) ?? 'unknown';
  return { found, active: Number(active), pending: Number(pending) };
}
