/**
 * The steps by which a campaign's gate is shut and opened again, each one script on the campaign's slot. However large
 * the campaign is, no job is touched: what was cancelled is counted so at once, and workers end its jobs afterwards.
 * Source: docs/design/control.md.
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

const PAUSE = loadScript(new URL('pause.lua', import.meta.url));
const RESUME = loadScript(new URL('resume.lua', import.meta.url));
const CANCEL = loadScript(new URL('cancel.lua', import.meta.url));

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
  /** What it had halted for, where a resume lets that pass from now on. */
  passes?: string;
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
  const [word, active, pending, passes = ''] = Array.isArray(reply) ? reply : [];
  const found = FOUND.find((each) => each === word) ?? 'unknown';
  const looked = { found, active: Number(active), pending: Number(pending) };
  return passes === '' ? looked : { ...looked, passes: String(passes) };
}
