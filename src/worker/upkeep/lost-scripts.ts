/**
 * The steps by which jobs that another program took from a campaign are found and written off, or put back, each one script
 * on the campaign's slot. Any worker may take any of them at any time: each looks again whether it still holds.
 * Source: docs/design/lost.md.
 */
import type { Redis } from 'ioredis';
import { HELD_SCORE } from '../../shared/campaign/canary.ts';
import { ALL_ACCEPTED } from '../../shared/ledger/fold.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

/** What `look.lua` wants. As text, for Lua would round the number as it makes a bound of it. */
const GIVEN = { HELD_SCORE: String(HELD_SCORE) };

function lookKeys(own: CampaignKeys): string[] {
  return [own.gone, own.campaign, own.counts, own.replaying, own.job('')];
}

const QUIET = loadScript(new URL('is-quiet.lua', import.meta.url), GIVEN);

/** @returns recipients pending, and jobs that BullMQ has to run; none pending where nothing may be looked for */
export async function readQuiet(
  redis: Redis,
  own: CampaignKeys,
): Promise<{ pending: number; runnable: number }> {
  const reply = await QUIET.run(redis, lookKeys(own), []);
  const [pending, runnable]: unknown[] = Array.isArray(reply) ? reply : [];
  return { pending: Number(pending ?? 0), runnable: Number(runnable ?? 0) };
}

const MARK = loadScript(new URL('mark-gone.lua', import.meta.url), GIVEN);

export interface GoneJob {
  id: string;
  /** There, but not to be read, or without its ledger. */
  isBad: boolean;
}

/** What a look goes by: it counts only if nothing of it has changed when it comes to its end. */
export interface Basis {
  cancelled: number;
  chapter: number;
  /** How often jobs were found gone before. */
  found: number;
  /** The replay that has not come to its end, as its hash has it. */
  openReplay: string;
  /** The campaign's counts. */
  counts: Readonly<Record<string, string>>;
}

/** What a look has found. */
export interface Findings {
  /** Recipients that are pending in no job that is left. */
  lost: number;
  /** Jobs that are gone by now. */
  gone: number;
  /** What the jobs that are left count as. */
  left: Readonly<Record<string, number>>;
}

export async function markGone(
  redis: Redis,
  own: CampaignKeys,
  { found, cancelled }: Basis,
  jobs: readonly GoneJob[],
): Promise<boolean> {
  const values = jobs.flatMap(({ id, isBad }) => [id, isBad ? 1 : 0]);
  return (await MARK.run(redis, lookKeys(own), [found + 1, cancelled, ...values])) === 'marked';
}

const DECLARE = loadScript(new URL('declare-lost.lua', import.meta.url), GIVEN);

/**
 * @param token names the call
 * @returns whether it was done
 */
export async function declareLost(
  redis: Redis,
  own: CampaignKeys,
  token: string,
  basis: Basis,
  { lost, gone, left }: Findings,
): Promise<boolean> {
  const { found, cancelled, chapter, openReplay, counts } = basis;
  const stored = Object.entries(counts);
  const reply = await DECLARE.run(
    redis,
    [...lookKeys(own), own.retired, own.replays],
    [
      ...[found + 1, token, cancelled, chapter, openReplay, lost, gone, stored.length],
      ...stored.flat(),
      ...Object.entries(left).flat(),
    ],
  );
  return reply === 'lost';
}

const PUT_BACK = loadScript(new URL('put-back.lua', import.meta.url), { ...GIVEN, ALL_ACCEPTED });

/** More are put back once these have been run. */
export const MOST_PUT_BACK = 5000;

export async function putBack(
  redis: Redis,
  own: CampaignKeys,
  ids: readonly string[],
): Promise<number> {
  return Number(await PUT_BACK.run(redis, lookKeys(own), ids.slice(0, MOST_PUT_BACK)));
}
