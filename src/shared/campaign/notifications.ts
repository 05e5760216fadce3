/**
 * The standing campaign of all notifications, accounted for in the same terms as any other and without anything that
 * grows for ever: an index of its jobs, which loses what is older than `VOLLEY_RETAIN_DAYS`, and the counts of what
 * was removed, so that the totals still balance.
 */
import type { Redis } from 'ioredis';
import { BEGUN, BEGUN_FIELD } from '../ledger/begun.ts';
import { ACCEPTED_ENTRY } from '../ledger/entry.ts';
import { ALL_ACCEPTED } from '../ledger/fold.ts';
import type { CampaignKeys } from '../redis/keys.ts';
import { redisNow } from '../redis/redis-clock.ts';
import { composeScript, loadScript, Script } from '../redis/script.ts';

/** How long a dedupe key stands for its notification. */
export const DEDUPE_S = 24 * 3600;
/**
 * Before the job id in a dedupe key once the job has been counted in: it may be gone again, and is not sent anew. Until
 * then the key holds the id alone, a claim, which whoever comes next carries out where its own caller does not.
 */
const TAKEN = '=';

/**
 * What a dedupe key says once its job has been counted in: `=job`, and after a space who laid it where that was not the
 * caller that had claimed it. Who is first is read here and nowhere else: which of two replies comes back, and when,
 * says nothing of who was.
 * @returns nothing for a claim
 */
export function takenBy(stored: string): { id: string; first: string } | undefined {
  if (!stored.startsWith(TAKEN)) return undefined;
  const [id = '', first = id] = stored.slice(TAKEN.length).split(' ');
  return { id, first };
}

/** Counts a job in, once: with the job's enqueuing in one transaction, which is why its text is needed. */
export const ADMIT_LUA = composeScript(new URL('admit.lua', import.meta.url), { TAKEN });
const ADMIT = new Script(ADMIT_LUA);

/** @param dedupe the hash of its dedupe key; without one, of a key that nobody writes */
export function admitKeys(keys: CampaignKeys, jobId: string, dedupe = ''): string[] {
  const ours = [keys.counts, keys.jobs, keys.job('wait'), keys.campaign, keys.dedupe(dedupe)];
  return [keys.job(jobId), ...ours, keys.sizes];
}

/** What `notify` names its jobs: each is one message to one number. */
const OWN_ID = /^n-[0-9a-z]+-[0-9a-f]{10}$/;

/**
 * How many numbers each message of a notification's job has, also where the job itself is gone.
 * @param stored what was written down of a job that another program laid
 */
export function sizesOf(jobId: string, stored: unknown): number[] | undefined {
  if (typeof stored === 'string') return stored.split(',').map(Number);
  return OWN_ID.test(jobId) ? [1] : undefined;
}

/** Counts in a job that is there already. */
export async function admit(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  numbers: readonly number[],
): Promise<void> {
  const sum = numbers.reduce((total, each) => total + each, 0);
  const sizes = OWN_ID.test(jobId) ? '' : numbers.join(',');
  const now = await redisNow(redis);
  await ADMIT.run(redis, admitKeys(keys, jobId), [jobId, now, sum, '', '', '', sizes]);
}

const RETIRE = loadScript(new URL('retire.lua', import.meta.url), {
  ALL_ACCEPTED,
  ACCEPTED_ENTRY,
  BEGUN,
  BEGUN_FIELD,
});

/**
 * Removes a job that has ended, and keeps what it counted as.
 * @param numbers of each message of the job  @param before Unix ms  @param isGone its data are
 */
export async function retire(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  numbers: readonly number[],
  before: number,
  isGone = false,
): Promise<boolean> {
  const own = [keys.job(jobId), keys.ledger(jobId), keys.jobs, keys.retired];
  const ended = [keys.job('completed'), keys.job('failed'), keys.sizes];
  const values = [jobId, before, isGone ? 1 : 0, ...numbers];
  return (await RETIRE.run(redis, [...own, ...ended], values)) === 1;
}

const GIVE_UP = loadScript(new URL('give-up.lua', import.meta.url), { BEGUN, BEGUN_FIELD });

/** `gone`: its data are; `bad`: they are there, and are no job; `unrecorded`: its ledger is gone. */
export type WhyGivenUp = 'gone' | 'bad' | 'unrecorded';

/**
 * Settles what is pending of a job that cannot be sent, or of which nobody knows what was.
 * @returns how many recipients were settled as what
 */
export async function giveUp(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  numbers: readonly number[],
  why: WhyGivenUp,
): Promise<{ lost: number; unconfirmed: number }> {
  const own = [keys.job(jobId), keys.lock(jobId), keys.ledger(jobId), keys.jobs, keys.counts];
  const ended = [keys.job('completed'), keys.job('failed')];
  const reply = await GIVE_UP.run(redis, [...own, ...ended], [jobId, why, ...numbers]);
  const [lost, unconfirmed]: unknown[] = Array.isArray(reply) ? reply : [];
  return { lost: Number(lost ?? 0), unconfirmed: Number(unconfirmed ?? 0) };
}
