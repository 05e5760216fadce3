/** A notification before it is enqueued, and what its caller holds afterwards: shapes, checks, and the wait for its end. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { VolleyError } from '../../shared/errors.ts';
import { JOB_VERSION, type Job, NOTIFICATIONS, type OnUnconfirmed } from '../../shared/job.ts';
import { newJob } from '../pack/new-job.ts';
import { checkAreTimes, checkTimes, type Times } from '../pack/times.ts';
import { PhoneNumbers } from '../phone/number.ts';
import type { AuditLine } from '../report/audit.ts';

/** One message. Times are Unix ms. */
export interface NotifyOptions {
  /** In E.164, with or without `+`, or national where `country` is given. */
  to: string;
  /** EngageLab's id of the template. */
  template: string;
  /** Values of the template's params. Default: none. */
  params?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  country?: string | undefined;
  /** Whether the number must be one that its country has given out, or only of a possible length. Default: `valid`. */
  numbers?: 'valid' | 'possible' | undefined;
  /** The same key within 24 h is the same notification, and is sent once. Default: none. */
  dedupeKey?: string | undefined;
  /** Shown in EngageLab's console. Default: `notifications`. */
  planName?: string | undefined;
  /** Handed back in EngageLab's callbacks. Whatever JSON can hold. Default: none. */
  customArgs?: Record<string, unknown> | undefined;
  /** Unix ms at which EngageLab is to deliver; more than 3 minutes and at most 30 days ahead. Default: at once. */
  at?: number | undefined;
  /** Unix ms after which it is not sent any more. Default: an hour from now. */
  notAfter?: number | undefined;
  /** Default: `resend`, since a missed alert is worse than a second one. */
  onUnconfirmed?: OnUnconfirmed | undefined;
}

/** A message that has been enqueued. */
export interface Notification {
  /** Its name, `<job>.0`, as in the audit. */
  message: string;
  /** True where the same dedupe key had been used before: then this is that notification. */
  deduplicated: boolean;
  /**
   * Resolves with its audit line when it has come to an end, however long that takes. Rejects with the signal's reason
   * when it aborts; with VolleyError `unavailable`, `not_found` where the notification was removed, `interrupted` where
   * the producer was closed.
   */
  result(signal?: AbortSignal): Promise<AuditLine>;
}

/**
 * A notification that is ready to be enqueued, as often as it takes: under one id it is one job. Its
 * times are not checked yet: they go by Redis's clock.
 */
export interface Draft {
  readonly id: string;
  readonly job: Job;
  /** Those that were given. */
  readonly times: Pick<Times, 'at' | 'notAfter'>;
  /** The hash of its dedupe key. */
  readonly dedupe?: string | undefined;
}

const EXPIRY_MS = 3_600_000;

/** @param now Unix ms, for its name  @throws VolleyError `bad_input` */
export function draftOf(options: NotifyOptions, now: number): Draft {
  if (typeof options !== 'object' || options === null)
    throw wrong('notify', '{to, template}', options);
  return {
    id: `n-${now.toString(36)}-${randomBytes(5).toString('hex')}`,
    job: jobOf(options),
    times: { at: options.at, notAfter: options.notAfter },
    dedupe: dedupeOf(options.dedupeKey),
  };
}

/**
 * Whether its times are such that it can be sent.
 * @param now Unix ms, by Redis's clock  @throws VolleyError `bad_input`
 */
export function checkDraft({ times }: Draft, now: number): void {
  checkTimes(times, now);
}

/** The job, with its end. @param now Unix ms, by Redis's clock */
export function timedJob({ job }: Draft, now: number): Job {
  return { ...job, not_after: job.not_after ?? now + EXPIRY_MS };
}

function dedupeOf(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || key === '') throw wrong('dedupeKey', 'a text', key);
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

function jobOf(options: NotifyOptions): Job {
  const { to, template, at, notAfter, customArgs } = options;
  checkAreTimes({ at, notAfter });
  if (typeof to !== 'string') throw wrong('to', 'a phone number as text', to);
  const numbers = new PhoneNumbers(options.country, { numbers: options.numbers });
  const number = numbers.read(to);
  if (number === undefined) throw new VolleyError('bad_input', `to: ${numbers.explain(to)}`);
  if (typeof template !== 'string' || template.trim() === '')
    throw wrong('template', 'an id', template);
  const params = Object.entries(options.params ?? {});
  return newJob({
    v: JOB_VERSION,
    campaign: NOTIFICATIONS,
    template,
    plan_name: options.planName ?? NOTIFICATIONS,
    ...(at !== undefined && { schedule_time: Math.ceil(at / 1000) }),
    ...(customArgs !== undefined && { custom_args: customArgs }),
    ...(notAfter !== undefined && { not_after: notAfter }),
    on_unconfirmed: options.onUnconfirmed ?? 'resend',
    params: params.map(([name]) => name),
    messages: [[[number], params.map(([name, value]) => textOf(name, value))]],
  });
}

/** A value that nobody set must not become the word "undefined" on a customer's phone. */
function textOf(name: string, value: unknown): string {
  if (['string', 'number', 'boolean', 'bigint'].includes(typeof value)) return String(value);
  throw wrong(`params.${name}`, 'a text, a number, true or false', value);
}

function wrong(what: string, expected: string, got: unknown): VolleyError {
  const shown = typeof got === 'string' || got === null ? JSON.stringify(got) : typeof got;
  return new VolleyError('bad_input', `${what}: expected ${expected}, got ${shown}`);
}

/** Looks until it has come to an end: soon at first, then twice a second. */
export async function resultOf(
  id: string,
  read: () => Promise<AuditLine | undefined>,
  signal?: AbortSignal,
): Promise<AuditLine> {
  for (let wait = 20; ; wait = Math.min(wait * 1.5, 500)) {
    signal?.throwIfAborted();
    const line = await read();
    if (line === undefined) {
      throw new VolleyError('not_found', `notification ${id}: it was removed for its age`);
    }
    if (line.finished_at !== null) return line;
    await sleep(wait, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
