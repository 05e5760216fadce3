/**
 * One `send` that has its campaign's id to itself. Step by step: lay the list, check all that is
 * known by then, ask, release. Whatever fails before the release takes back what was laid. How
 * jobs get into Redis is `Enqueuing`'s business, how a list is read `preparation.ts`'s.
 */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { JOB_VERSION, type Job } from '../../shared/job.ts';
import type { Pack, PackReading } from '../list/read-packs.ts';
import { findSuppressedWith } from '../opt-outs/suppress.ts';
import { newJob } from '../pack/new-job.ts';
import { Enqueuing } from './enqueuing.ts';
import { fingerprintOf } from './identity.ts';
import { type InnerSendOptions, limitsOf } from './options.ts';
import { checkRead, type Preparation, previewOf, readList } from './preparation.ts';
import { type SendResult, sendResult } from './result.ts';
import { claimSameList, refuseSameList, renewSameList, sameListKey } from './same-list.ts';

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
    try {
      if (isAbandoned) await this.#enqueuing.clear();
      const signal = await this.#announce();
      const reading = await this.#lay(signal);
      await this.#check(reading);
      await this.#ask(reading);
      signal.throwIfAborted();
      await this.#release(reading);
      return sendResult(this.#campaign.id, reading.totals, reading.totals, true);
    } catch (error) {
      if (await this.#enqueuing.withdraw()) throw error;
      throw this.#leftBehind(error);
    } finally {
      await this.#enqueuing.close();
    }
  }

  /** @returns what stops it from now on: the caller, or the loss of its lease */
  async #announce(): Promise<AbortSignal> {
    const { listHash } = this.#preparation;
    // Told before the whole list is read, where its hash is known by then.
    if (listHash !== undefined) await refuseSameList(this.#campaign, this.#options, listHash);
    await this.#enqueuing.announce();
    return this.#enqueuing.watch(this.#options.signal);
  }

  async #lay(signal: AbortSignal): Promise<PackReading> {
    const { redis, keys } = this.#campaign;
    const findSuppressed = findSuppressedWith(redis, keys, this.#options.findSuppressed);
    const asked = { findSuppressed, signal };
    const reading = await readList(this.#preparation, asked, (pack, params, totals) =>
      this.#enqueuing.add(this.#jobOf(pack, params), totals),
    );
    await this.#enqueuing.flush(reading.totals);
    return reading;
  }

  async #check({ totals, sha256 }: PackReading): Promise<void> {
    const { source, listHash } = this.#preparation;
    checkRead(this.#preparation, totals);
    if (listHash !== undefined && listHash !== sha256) {
      throw new VolleyError(
        'bad_input',
        `${'path' in source ? source.path : 'the list'}: it changed while it was read`,
      );
    }
    await refuseSameList(this.#campaign, this.#options, sha256);
  }

  async #ask(reading: PackReading): Promise<void> {
    const isWanted = await this.#options.confirm?.(previewOf(this.#preparation, reading));
    if (isWanted ?? true) return;
    throw new VolleyError('interrupted', 'not sent: what had been laid was cleared');
  }

  async #release({ totals, sha256 }: PackReading): Promise<void> {
    const { template, again } = this.#options;
    const claim = sameListKey(this.#campaign.keys, sha256, template);
    if (!again) await claimSameList(this.#campaign, claim, this.#token);
    const canary = totals.canaryJobs > 0 ? this.#options.canary : undefined;
    if (canary !== undefined) await this.#enqueuing.holdBack(totals.canaryJobs);
    this.#isReleasing = true;
    await this.#enqueuing.release(totals, {
      fingerprint: fingerprintOf(sha256, this.#preparation.identity),
      template,
      messages: totals.messages,
      jobs: totals.jobs,
      blank: totals.blank,
      released_at: Date.now(),
      ...(this.#options.startAt !== undefined && { start_at: this.#options.startAt }),
      ...limitsOf(this.#options),
      ...(canary !== undefined && { canary }),
    });
    if (again) await renewSameList(this.#campaign, claim, this.#token).catch(() => {});
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
