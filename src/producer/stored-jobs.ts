/**
 * A campaign's jobs as Redis holds them, each with its ledger, wherever that stands: in a hash, folded into the return
 * value, or, for a job that a replay has made and not yet laid, among what it still has to queue.
 */
import type { Redis } from 'ioredis';
import { type CampaignRecord, readCampaign } from '../shared/campaign.ts';
import { VolleyError } from '../shared/errors.ts';
import { Job, jobIdAt, NOTIFICATIONS } from '../shared/job.ts';
import type { Keys } from '../shared/keys.ts';
import { decodeEntry, type Entry, UNTOUCHED } from '../shared/ledger/entry.ts';
import { ACCEPTED_ENTRY, ALL_ACCEPTED } from '../shared/ledger/fold.ts';
import { fieldsOf, type LedgerFields } from '../shared/ledger/result.ts';
import { fieldsIn, Script } from '../shared/script.ts';

/** A job as Redis holds it, taken apart. */
export interface StoredJob {
  id: string;
  job: Job;
  entries: Entry[];
  fields: LedgerFields;
  enqueuedAt: number;
  finishedAt: number | null;
}

/** Jobs read in one script, so that a ledger and the return value it is folded into are of one moment. */
const PIECE = 25;

/**
 * KEYS: what a replay has still to queue, then of each job itself and its ledger; ARGV: their ids. No transaction,
 * which a Redis that is full refuses even where it only reads.
 */
const READ = new Script(`
local found = {redis.call('HMGET', KEYS[1], unpack(ARGV))}
for at = 2, #KEYS, 2 do
  found[at] = redis.call('HMGET', KEYS[at], 'data', 'timestamp', 'finishedOn', 'returnvalue', 'name')
  found[at + 1] = redis.call('HGETALL', KEYS[at + 1])
end
return found`);

/** The ids of all jobs of a campaign, a piece at a time, in the order in which they were enqueued. */
export async function* jobIds(redis: Redis, keys: Keys, id: string): AsyncGenerator<string[]> {
  const campaign = await readKept(redis, keys, id);
  if (id === NOTIFICATIONS) {
    yield* notificationIds(redis, keys);
    return;
  }
  const jobs = campaign.jobs ?? 0;
  for (let first = 0; first < jobs; first += PIECE) {
    const length = Math.min(PIECE, jobs - first);
    yield Array.from({ length }, (_none, at) => jobIdAt(id, first + at));
  }
}

async function readKept(redis: Redis, keys: Keys, id: string): Promise<CampaignRecord> {
  const campaign = await readCampaign(redis, keys, id);
  if (!campaign)
    throw new VolleyError('not_found', `no campaign ${id}; volley campaigns lists them`);
  if (campaign.phase !== 'forgotten') return campaign;
  const at = new Date(campaign.forgotten_at ?? 0).toISOString();
  throw new VolleyError(
    'not_found',
    `campaign ${id}: its jobs were forgotten at ${at}; volley status ${id} still has its counts`,
  );
}

/** By time, not by rank: ranks shift while old jobs are being removed. */
async function* notificationIds(redis: Redis, keys: Keys): AsyncGenerator<string[]> {
  const { jobs } = keys.campaign(NOTIFICATIONS);
  let from = 0;
  let seen = new Set<string>();
  for (;;) {
    const limit = PIECE + seen.size;
    const found = await redis.zrangebyscore(jobs, from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit);
    const ids = found.filter((_each, at) => at % 2 === 0).filter((each) => !seen.has(each));
    if (ids.length === 0) return;
    yield ids;
    const last = Number(found.at(-1));
    const atLast = found.filter((_each, at) => at % 2 === 0 && Number(found[at + 1]) === last);
    seen = new Set(last === from ? [...seen, ...atLast] : atLast);
    from = last;
  }
}

/**
 * Of notifications, those that are still there: they may be removed for their age while they are looked through.
 * @param number in E.164: only jobs with a message to it
 * @throws VolleyError `corrupt` for a job that is gone or cannot be read, `not_found` where the campaign was forgotten
 */
export async function readJobs(
  redis: Redis,
  keys: Keys,
  campaign: string,
  ids: readonly string[],
  number?: string,
): Promise<StoredJob[]> {
  const own = keys.campaign(campaign);
  if (ids.length === 0) return [];
  const read = await READ.run(
    redis,
    [own.replaying, ...ids.flatMap((id) => [own.job(id), own.ledger(id)])],
    [...ids],
  );
  // A job that a replay has made may not have got into its queue yet.
  const [unlaid, ...replies]: unknown[] = Array.isArray(read) ? read : [];
  const found = ids.map((id, at) => {
    const stored = replies[2 * at];
    const [data = null, ...rest]: unknown[] = Array.isArray(stored) ? stored : [];
    const text = data ?? (Array.isArray(unlaid) ? unlaid[at] : null);
    return { id, text, rest, ledger: replies[2 * at + 1] };
  });
  const left = campaign === NOTIFICATIONS ? found.filter(({ text }) => text !== null) : found;
  // One is gone with its campaign, perhaps, while that was being read.
  if (left.some(({ text }) => text === null)) await readKept(redis, keys, campaign);
  return left.flatMap(({ id, text, rest, ledger }) => {
    if (number !== undefined && !String(text).includes(`"${number}"`)) return [];
    return readJob(id, text, rest, fieldsIn(ledger));
  });
}

function readJob(
  id: string,
  data: unknown,
  [timestamp, finishedOn, returned, name]: readonly unknown[],
  written: LedgerFields,
): StoredJob {
  const job = Job.safeParse(parseOr(data));
  if (!job.success) throw new VolleyError('corrupt', `job ${id}: it is gone, or cannot be read`);
  const fields =
    Object.keys(written).length > 0
      ? written
      : (fieldsOf(parseOr(returned)) ?? (name === ALL_ACCEPTED ? acceptedFields(job.data) : {}));
  return {
    id,
    job: job.data,
    fields,
    entries: job.data.messages.map(([to], index) => {
      const text = fields[index];
      return text === undefined ? { ...UNTOUCHED } : decodeEntry(text, to.length);
    }),
    enqueuedAt: Number(timestamp),
    finishedAt: finishedOn === null || finishedOn === undefined ? null : Number(finishedOn),
  };
}

/** What is left of a record that another program deleted. */
function acceptedFields({ messages }: Job): LedgerFields {
  return Object.fromEntries(messages.map((_message, index) => [index, ACCEPTED_ENTRY]));
}

function parseOr(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
