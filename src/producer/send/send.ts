import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { readCampaign, readCounts } from '../../shared/campaign/campaign.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { JOB_VERSION, type Job, type OnUnconfirmed } from '../../shared/job.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { checkList, DEFAULT_MAX_INVALID } from '../list/check.ts';
import { type Excluded, readExcluded } from '../list/excluded.ts';
import {
  hashFile,
  type ListSource,
  type ListTotals,
  type Pack,
  type ReadPacksOptions,
  readPacks,
} from '../list/read-packs.ts';
import { findSuppressedWith } from '../opt-outs/suppress.ts';
import { newJob } from '../pack/new-job.ts';
import { checkTimes } from '../pack/times.ts';
import { beginWhenFree } from './enqueue-scripts.ts';
import { Enqueuing } from './enqueuing.ts';
import { campaignId, fingerprintOf } from './identity.ts';
import { openTexts, type Preview, previewOf } from './preview.ts';
import { claimSameList, refuseSameList, renewSameList, sameListKey } from './same-list.ts';

export interface SendOptions extends Omit<ReadPacksOptions, 'signal' | 'excluded'> {
  /** Default: made from the file's name, the list, the template and the params. */
  campaign?: string | undefined;
  template: string;
  /** Shown in EngageLab's console. Default: the campaign id. */
  planName?: string | undefined;
  customArgs?: Record<string, unknown> | undefined;
  /** Unix ms at which EngageLab is to deliver; more than 3 minutes and at most 30 days ahead. */
  at?: number | undefined;
  /** Unix ms at which Volley starts to send. */
  startAt?: number | undefined;
  /** Unix ms after which what is unsent expires. */
  notAfter?: number | undefined;
  /** Requests a second of this campaign, under the fleet's limit. Default: only the fleet's. */
  rate?: number | undefined;
  /** Recipients a second of this campaign, under the fleet's limit. Default: only the fleet's. */
  recipientRate?: number | undefined;
  /** Default: `park`. */
  onUnconfirmed?: OnUnconfirmed | undefined;
  /** Share of invalid rows, 0 to 1, above which nothing is released. Default: 0.1. */
  maxInvalid?: number | undefined;
  /** A list whose numbers are left out, counted as suppressed. Its `country` and `phoneColumn` are those of the list. */
  exclude?: ListSource | undefined;
  /** The text of the template: a variable in it that is no param is an error. Default: nobody looks. */
  templateText?: string | undefined;
  /** Sends also what another campaign sent with the same template within 24 hours. Default: false. */
  again?: boolean | undefined;
  /** Told what was found in the list that is left out. */
  onExcluded?: ((excluded: Excluded) => void) | undefined;
  /** Asked right before the release, with all that is known by then; false takes everything back. */
  confirm?: ((preview: Preview) => boolean | Promise<boolean>) | undefined;
  /** Stops before the release: what was laid is cleared. */
  signal?: AbortSignal | undefined;
  /** Told once if another `send` holds the id: one that is alive makes this one fail, one that died is waited for. */
  onWait?: (() => void) | undefined;
  /** Live totals, told after each piece. */
  onProgress?: ((totals: Readonly<ListTotals>) => void) | undefined;
}

/** Requests a second that no machine reaches. */
const MOST_REQUESTS = 1_000_000;

export interface SendResult {
  campaign: string;
  rows: number;
  invalid: number;
  duplicate: number;
  suppressed: number;
  recipients: number;
  messages: number;
  jobs: number;
  /** False where the same command had been run before. */
  released: boolean;
}

/**
 * What comes before a list is read, whether it is to be sent or only looked at: the options checked, the list to leave
 * out read, and the campaign's id.
 * @throws VolleyError `bad_input`
 */
export async function prepare(source: ListSource, options: SendOptions) {
  checkTimes(options, Date.now());
  checkRates(options);
  const texts = await openTexts(options.templateText);
  const excluded = options.exclude && (await readExcluded(options.exclude, options));
  if (excluded) options.onExcluded?.(excluded);
  const identity = { ...options, excludedHash: excluded?.sha256 };
  const listHash = 'path' in source ? await hashFile(source.path, options.signal) : undefined;
  const id = campaignId(source, identity, listHash);
  return { texts, excluded, identity, listHash, id };
}

/**
 * Enqueues a campaign: reads the list to its end, lays its jobs, and releases them all in one step, or none.
 * @throws VolleyError `bad_input`, `conflict` (another list under this id, or another `send` at work on it),
 *   `interrupted`, `unavailable`. Nothing has been sent, and nothing is left behind where Redis can be reached.
 */
export async function send(
  redis: Redis,
  keys: Keys,
  source: ListSource,
  options: SendOptions,
): Promise<SendResult> {
  const { texts, excluded, identity, listHash, id } = await prepare(source, options);
  const token = randomBytes(8).toString('hex');
  const own = keys.campaign(id);

  const beginning = await beginWhenFree(redis, own, token, options.signal, options.onWait);
  if (beginning.kind === 'busy') {
    throw new VolleyError(
      'conflict',
      `campaign ${id}: another send is at work on it; wait for it to end`,
    );
  }
  if (beginning.kind === 'cancelled') {
    throw new VolleyError(
      'conflict',
      `campaign ${id}: it was cancelled while it was being enqueued, and nothing of it was sent; ` +
        'to send it after all, choose another --campaign',
    );
  }
  if (beginning.kind === 'released') {
    const hash = listHash ?? (await hashRows(source, options));
    if (fingerprintOf(hash, identity) !== beginning.fingerprint) throw otherList(id);
    return alreadyReleased(redis, keys, id);
  }

  const enqueuing = new Enqueuing(redis, keys, id, token);
  let isReleasing = false;
  try {
    if (beginning.kind === 'abandoned') await enqueuing.clear();
    // Told before the whole list is read, where its hash is known by then.
    if (listHash !== undefined) await refuseTwin(redis, keys, id, options, listHash);
    await enqueuing.announce();
    const signal = enqueuing.watch(options.signal);
    const reading = readPacks(source, {
      ...options,
      excluded: excluded?.numbers,
      findSuppressed: findSuppressedWith(redis, keys, options.findSuppressed),
      signal,
    });
    for await (const packs of reading) {
      for (const pack of packs) {
        await texts?.take(pack, reading.params);
        await enqueuing.add(toJob(id, options, reading.params, pack), reading.totals);
      }
      options.onProgress?.(reading.totals);
    }
    await enqueuing.flush(reading.totals);
    const { totals } = reading;
    checkList(totals, options.maxInvalid ?? DEFAULT_MAX_INVALID);
    if (listHash !== undefined && listHash !== reading.sha256) {
      throw new VolleyError(
        'bad_input',
        `${'path' in source ? source.path : 'the list'}: it changed while it was read`,
      );
    }
    await refuseTwin(redis, keys, id, options, reading.sha256);
    if (!((await options.confirm?.(previewOf(id, reading, texts, excluded))) ?? true)) {
      throw new VolleyError('interrupted', 'not sent: what had been laid was cleared');
    }
    signal.throwIfAborted();
    const claim = sameListKey(keys, reading.sha256, options.template);
    if (!options.again) await claimSameList(redis, keys, claim, { id, token });
    const canary = totals.canaryJobs > 0 ? options.canary : undefined;
    if (canary !== undefined) await enqueuing.holdBack(totals.canaryJobs);
    isReleasing = true;
    await enqueuing.release(totals, {
      fingerprint: fingerprintOf(reading.sha256, identity),
      template: options.template,
      messages: totals.messages,
      jobs: totals.jobs,
      released_at: Date.now(),
      ...(options.startAt !== undefined && { start_at: options.startAt }),
      ...limitsOf(options),
      ...(canary !== undefined && { canary }),
    });
    if (options.again) await renewSameList(redis, claim, { id, token }).catch(() => {});
    return sendResult(id, totals, totals, true);
  } catch (error) {
    if (await enqueuing.withdraw()) throw error;
    const [code, text] =
      error instanceof VolleyError
        ? [error.code, error.message]
        : (['unavailable', describeError(error)] as const);
    const state = isReleasing
      ? `whether campaign ${id} was released is not known: run the same command again, it tells`
      : `Redis is away, so what had been laid of campaign ${id} stays there, unsent, until the same command runs again`;
    throw new VolleyError(code, `${text.replace(/\.$/, '')}; ${state}`, { cause: error });
  } finally {
    await enqueuing.close();
  }
}

/** @throws VolleyError `bad_input` for options that the job's schema refuses */
function toJob(id: string, options: SendOptions, params: readonly string[], messages: Pack): Job {
  return newJob({
    v: JOB_VERSION,
    campaign: id,
    template: options.template,
    plan_name: options.planName ?? id,
    ...(options.at !== undefined && { schedule_time: Math.ceil(options.at / 1000) }),
    ...(options.customArgs !== undefined && { custom_args: options.customArgs }),
    ...(options.notAfter !== undefined && { not_after: options.notAfter }),
    on_unconfirmed: options.onUnconfirmed ?? 'park',
    params: [...params],
    messages,
  });
}

async function refuseTwin(
  redis: Redis,
  keys: Keys,
  id: string,
  { template, again }: SendOptions,
  listHash: string,
): Promise<void> {
  if (!again) await refuseSameList(redis, keys, sameListKey(keys, listHash, template), id);
}

/** With a limit on recipients alone, its requests are as good as unlimited. */
function limitsOf({ rate, recipientRate }: SendOptions): Record<string, number> {
  if (recipientRate === undefined) return rate === undefined ? {} : { rate };
  return { rate: rate ?? MOST_REQUESTS, recipient_rate: recipientRate };
}

export function checkRates({ rate, recipientRate }: SendOptions): void {
  for (const [name, value] of Object.entries({ rate, 'recipient rate': recipientRate })) {
    if (value === undefined || (value > 0 && Number.isFinite(value))) continue;
    throw new VolleyError('bad_input', `${name}: expected a number above 0, got ${value}`);
  }
}

/** Reads a stream to its end for its hash alone: what has been released once is not laid again. */
async function hashRows(source: ListSource, options: SendOptions): Promise<string> {
  const reading = readPacks(source, { ...options, onInvalid: undefined });
  for await (const _packs of reading) options.onProgress?.(reading.totals);
  return reading.sha256;
}

export function otherList(id: string): VolleyError {
  return new VolleyError(
    'conflict',
    `campaign ${id}: it was sent before with another list, template or params; ` +
      'choose another --campaign for what is new',
  );
}

async function alreadyReleased(redis: Redis, keys: Keys, id: string): Promise<SendResult> {
  const counts = await readCounts(redis, keys, id);
  const campaign = await readCampaign(redis, keys, id);
  return sendResult(id, counts, campaign ?? {}, false);
}

function sendResult(
  campaign: string,
  counts: Pick<SendResult, 'rows' | 'invalid' | 'duplicate' | 'suppressed' | 'recipients'>,
  { messages = 0, jobs = 0 }: { messages?: number | undefined; jobs?: number | undefined },
  released: boolean,
): SendResult {
  const { rows, invalid, duplicate, suppressed, recipients } = counts;
  return { campaign, rows, invalid, duplicate, suppressed, recipients, messages, jobs, released };
}
