/**
 * One `send` that has its campaign's id to itself. Step by step: lay the list, check all that is
 * known by then, ask, release. Whatever fails before the release takes back what was laid. How
 * jobs get into Redis is `Enqueuing`'s business, how a list is read `preparation.ts`'s.
 */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { JOB_VERSION, type Job } from '../../shared/job.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import type { Pack, PackReading } from '../list/read-packs.ts';
import { findSuppressedWith } from '../opt-outs/suppress.ts';
import { newJob } from '../pack/new-job.ts';
import { readPairs } from '../sent-before/people.ts';
import { SentBeforeCheck } from '../sent-before/sent-before.ts';
import { Enqueuing } from './enqueuing.ts';
import { fingerprintOf } from './identity.ts';
import { type InnerSendOptions, limitsOf } from './options.ts';
import { checkRead, type Preparation, previewOf, readList } from './preparation.ts';
import { type SendResult, sendResult } from './result.ts';

/** It runs once. */
export class ClaimedSend {
  readonly #campaign: CampaignHandle;
  readonly #token: string;
  readonly #preparation: Preparation;
  readonly #options: InnerSendOptions;
  readonly #enqueuing: Enqueuing;
  /** Once it has been asked for, only Redis knows whether it has come about. */
  #isReleasing = false;

  constructor(campaign: CampaignHandle, token: string, preparation: Preparation) {
    this.#campaign = campaign;
    this.#token = token;
    this.#preparation = preparation;
    this.#options = preparation.options;
    this.#enqueuing = new Enqueuing(campaign, token);
  }

  /**
   * @param isAbandoned whether another `send` died over this id, and may have left something there
   */
  async run(isAbandoned: boolean): Promise<SendResult> {
    let sentBefore: SentBeforeCheck | undefined;
    try {
      if (isAbandoned) await this.#enqueuing.clear();
      await this.#enqueuing.announce();
      const signal = this.#enqueuing.watch(this.#options.signal);
      sentBefore = await this.#openSentBefore(signal);
      const reading = await this.#lay(signal, sentBefore);
      await this.#check(reading, sentBefore);
      await this.#ask(reading, sentBefore);
      signal.throwIfAborted();
      await this.#release(reading, sentBefore);
      return sendResult(this.#campaign.id, reading.totals, reading.totals, true);
    } catch (error) {
      const isWithdrawn = await this.#enqueuing.withdraw();
      // What it leaves where it fails is of no account, and expires.
      await sentBefore?.unlist(this.#token).catch(() => {});
      if (isWithdrawn) throw error;
      throw this.#leftBehind(error);
    } finally {
      await this.#enqueuing.close();
    }
  }

  #openSentBefore(signal: AbortSignal): Promise<SentBeforeCheck> {
    const { template, again = false } = this.#options;
    return SentBeforeCheck.open(this.#campaign, { template, again, signal }, () =>
      readPairs(this.#campaign, this.#enqueuing.laid),
    );
  }

  async #lay(signal: AbortSignal, { people }: SentBeforeCheck): Promise<PackReading> {
    const { redis, keys } = this.#campaign;
    const findSuppressed = findSuppressedWith(redis, keys, this.#options.findSuppressed);
    const asked = { findSuppressed, signal, people };
    const reading = await readList(this.#preparation, asked, (pack, params, totals) =>
      this.#enqueuing.add(this.#jobOf(pack, params), totals),
    );
    await this.#enqueuing.flush(reading.totals);
    return reading;
  }

  async #check({ totals, sha256 }: PackReading, sentBefore: SentBeforeCheck): Promise<void> {
    const { source, listHash } = this.#preparation;
    checkRead(this.#preparation, totals);
    if (listHash !== undefined && listHash !== sha256) {
      throw new VolleyError(
        'bad_input',
        `${'path' in source ? source.path : 'the list'}: it changed while it was read`,
      );
    }
    const refusal = await sentBefore.look();
    if (refusal) throw refusal;
  }

  async #ask(reading: PackReading, { found }: SentBeforeCheck): Promise<void> {
    const preview = previewOf(this.#preparation, reading, found);
    const isWanted = await this.#options.confirm?.(preview);
    if (isWanted ?? true) return;
    throw new VolleyError('interrupted', 'not sent: what had been laid was cleared');
  }

  async #release({ totals, sha256 }: PackReading, sentBefore: SentBeforeCheck): Promise<void> {
    const { template, startAt, at, haltAfter, notAfter = 0 } = this.#options;
    const from = Math.max(startAt ?? 0, at ?? 0);
    const canary = totals.canaryJobs > 0 ? this.#options.canary : undefined;
    if (canary !== undefined) await this.#enqueuing.holdBack(totals.canaryJobs);
    await sentBefore.list(this.#token, from);
    this.#isReleasing = true;
    await this.#enqueuing.release(totals, {
      fingerprint: fingerprintOf(sha256, this.#preparation.identity),
      template,
      messages: totals.messages,
      jobs: totals.jobs,
      blank: totals.blank,
      released_at: await redisNow(this.#campaign.redis),
      expiry_look: notAfter,
      ...(startAt !== undefined && { start_at: startAt }),
      ...limitsOf(this.#options),
      ...(haltAfter !== undefined && { halt_after: haltAfter }),
      ...(canary !== undefined && {
        canary,
        held_from: totals.canaryJobs,
        held_to: totals.jobs,
      }),
    });
    await sentBefore.relist(this.#token, from).catch(() => {});
  }

  /** @throws VolleyError `bad_input` for options that the job's schema refuses */
  #jobOf(messages: Pack, params: readonly string[]): Job {
    const { id } = this.#campaign;
    const { template, planName, at, customArgs, notAfter, onUnconfirmed } = this.#options;
    return newJob({
      v: JOB_VERSION,
      campaign: id,
      template,
      plan_name: planName ?? id,
      ...(at !== undefined && { schedule_time: Math.ceil(at / 1000) }),
      ...(customArgs !== undefined && { custom_args: customArgs }),
      ...(notAfter !== undefined && { not_after: notAfter }),
      on_unconfirmed: onUnconfirmed ?? 'park',
      params: [...params],
      messages,
    });
  }

  /**
   * Where nothing could be taken back, for Redis is away: what it failed with, and how things
   * stand.
   */
  #leftBehind(error: unknown): VolleyError {
    const { id } = this.#campaign;
    const state = this.#isReleasing
      ? `whether campaign ${id} was released is not known: run the same command again, it tells`
      : `Redis is away, so what had been laid of campaign ${id} stays there, unsent, until the same command runs again`;
    const words = `${describeError(error).replace(/\.$/, '')}; ${state}`;
    if (error instanceof VolleyError) return error.reworded(words);
    return new VolleyError('unavailable', words, { cause: error });
  }
}
