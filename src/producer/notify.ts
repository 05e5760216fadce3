import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Queue, Job as QueueJob } from 'bullmq';
import type { Redis } from 'ioredis';
import { describeError, VolleyError } from '../shared/errors.ts';
import { JOB_VERSION, Job, messageName, NOTIFICATIONS, type OnUnconfirmed } from '../shared/job.ts';
import type { CampaignKeys, Keys } from '../shared/keys.ts';
import { ADMIT_LUA, admitKeys } from '../shared/notifications.ts';
import { openQueue } from '../shared/queue.ts';
import { type AuditLine, readLines } from './audit.ts';
import { PhoneNumbers } from './phone-number.ts';
import { checkTimes } from './times.ts';

export interface NotifyOptions {
  /** In E.164, with or without `+`, or national where `country` is given. */
  to: string;
  template: string;
  params?: Readonly<Record<string, string | number | boolean>> | undefined;
  country?: string | undefined;
  /** The same key within 24 h is the same notification, and is sent once. */
  dedupeKey?: string | undefined;
  /** Shown in EngageLab's console. Default: `notifications`. */
  planName?: string | undefined;
  customArgs?: Record<string, unknown> | undefined;
  /** Unix ms at which EngageLab is to deliver; more than 3 minutes and at most 30 days ahead. */
  at?: number | undefined;
  /** Unix ms after which it is not sent any more. Default: an hour from now. */
  notAfter?: number | undefined;
  /** Default: `resend`, since a missed alert is worse than a second one. */
  onUnconfirmed?: OnUnconfirmed | undefined;
}

export interface Notification {
  /** Its name, `<job>.0`, as in the audit. */
  message: string;
  /** True where the same dedupe key had been used before: then this is that notification. */
  deduplicated: boolean;
  /** Resolves with its audit line when it has come to an end. Rejects when the signal aborts. */
  result(signal?: AbortSignal): Promise<AuditLine>;
}

const EXPIRY_MS = 3_600_000;
const DEDUPE_S = 24 * 3600;
/** A caller is told within this whether it was taken. What Redis reads later than that is not sent. */
const ANSWER_MS = 2000;

/** Enqueues notifications over one connection. The queue is opened once, for the many that follow. */
export class Notifier {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #own: CampaignKeys;
  readonly #queue: Queue;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    this.#own = keys.campaign(NOTIFICATIONS);
    this.#queue = openQueue(redis, keys, NOTIFICATIONS);
    redis.defineCommand('volleyAdmit', { lua: ADMIT_LUA, numberOfKeys: 4 });
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /**
   * @throws VolleyError `bad_input`; `unavailable` within 2 s where Redis does not answer, and then it is not sent later
   */
  async notify(options: NotifyOptions): Promise<Notification> {
    const job = toJob(options, Date.now());
    const late = AbortSignal.timeout(ANSWER_MS);
    const away = new Promise<never>((_resolve, reject) => {
      late.addEventListener('abort', () => reject(new Error(`no answer in ${ANSWER_MS} ms`)));
    });
    const adding = this.#add(job, options.dedupeKey);
    adding.catch(() => {
      // Told below, unless the time-out was first.
    });
    try {
      const { id, deduplicated } = await Promise.race([adding, away]);
      return {
        message: messageName(id, 0),
        deduplicated,
        result: (signal) => this.#result(id, signal),
      };
    } catch (error) {
      if (error instanceof VolleyError) throw error;
      throw new VolleyError(
        'unavailable',
        `the notification was not enqueued: ${describeError(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  async #add(
    data: Job,
    dedupeKey: string | undefined,
  ): Promise<{ id: string; deduplicated: boolean }> {
    const [seconds, micros] = await this.#redis.time();
    const tooLate = Number(seconds) * 1e6 + Number(micros) + ANSWER_MS * 1000;
    const id = await this.#claim(dedupeKey);

    const { client: connected } = this.#queue.getBackend();
    const client = await connected;
    const transaction = client.multi();
    const queued = new QueueJob(
      this.#queue,
      'notify',
      data,
      { ...this.#queue.defaultJobOptions, jobId: id },
      id,
    );
    void queued.addJob(transaction);
    transaction.runCommand('volleyAdmit', [
      ...admitKeys(this.#own, id),
      id,
      Date.now(),
      1,
      tooLate,
    ]);
    const replies = (await transaction.exec()) ?? [];
    for (const [error] of replies) if (error) throw error;
    const admitted: unknown = replies.at(-1)?.[1];
    if (admitted === -1) throw new Error('Redis was too slow; it was taken back');
    return { id, deduplicated: admitted === 2 };
  }

  /** A job id; for a dedupe key, the same one for 24 h, so that enqueuing again is harmless. */
  async #claim(dedupeKey: string | undefined): Promise<string> {
    const id = `n-${Date.now().toString(36)}-${randomBytes(5).toString('hex')}`;
    if (dedupeKey === undefined) return id;
    const key = this.#own.dedupe(createHash('sha256').update(dedupeKey).digest('hex').slice(0, 32));
    await this.#redis.set(key, id, 'EX', DEDUPE_S, 'NX');
    return (await this.#redis.get(key)) ?? id;
  }

  async #result(id: string, signal?: AbortSignal): Promise<AuditLine> {
    for (let wait = 20; ; wait = Math.min(wait * 1.5, 500)) {
      const [line] = await readLines(this.#redis, this.#keys, NOTIFICATIONS, [id]);
      if (line && line.finished_at !== null) return line;
      await sleep(wait, undefined, { signal });
    }
  }
}

function toJob(options: NotifyOptions, now: number): Job {
  const notAfter = options.notAfter ?? now + EXPIRY_MS;
  checkTimes({ at: options.at, notAfter: options.notAfter }, now);
  const numbers = new PhoneNumbers(options.country);
  const to = numbers.read(options.to);
  if (to === undefined) throw new VolleyError('bad_input', `to: ${numbers.explain(options.to)}`);
  if (options.template === '')
    throw new VolleyError('bad_input', 'template: expected an id, got ""');
  const params = Object.entries(options.params ?? {});
  return Job.parse({
    v: JOB_VERSION,
    campaign: NOTIFICATIONS,
    template: options.template,
    plan_name: options.planName ?? NOTIFICATIONS,
    ...(options.at !== undefined && { schedule_time: Math.ceil(options.at / 1000) }),
    ...(options.customArgs !== undefined && { custom_args: options.customArgs }),
    not_after: notAfter,
    on_unconfirmed: options.onUnconfirmed ?? 'resend',
    params: params.map(([name]) => name),
    messages: [[[to], params.map(([, value]) => String(value))]],
  });
}
