/**
 * How many of a list's people an earlier campaign texted, or is still to text. Exactly, from its
 * jobs and their ledgers, which are streamed; where these are gone, about, from its sketch and its
 * counts.
 */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import {
  jobIds,
  type Piece,
  readPiece,
  type StoredJob,
} from '../../shared/campaign/stored-jobs.ts';
import { VolleyError } from '../../shared/errors.ts';
import { NumberSet } from '../list/number-set.ts';
import { LeftOfJob, type LeftTimes } from './left.ts';
import { PairHash } from './pair.ts';

/** Of a list's people. */
export interface LeftCount {
  readonly texted: number;
  readonly pending: number;
  /** `unknown`: its jobs are gone, and its sketch has nothing to compare. */
  readonly certainty: 'exact' | 'about' | 'unknown';
}

/** Counts the people of one list in one earlier campaign. It runs once. */
export class LeftCounter {
  readonly #campaign: CampaignHandle;
  readonly #template: string;
  readonly #pairs: NumberSet;
  readonly #times: LeftTimes;
  /** Of messages whose numbers a replay has moved to others: those that had been texted by then. */
  readonly #moved = new NumberSet();
  #texted = 0;
  #pending = 0;
  #unread = 0;

  /** @param pairs of the list */
  constructor(campaign: CampaignHandle, template: string, pairs: NumberSet, times: LeftTimes) {
    this.#campaign = campaign;
    this.#template = template;
    this.#pairs = pairs;
    this.#times = times;
  }

  /**
   * @param about how many of the list are among its people, by the sketches
   * @param onFound told each pair that was texted or is to be, once
   * @param signal stops it: its reason is thrown
   */
  async count(
    about: number | undefined,
    onFound: (pair: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<LeftCount> {
    try {
      const { cancelled = 0 } = await this.#campaign.record();
      for await (const { jobs, missing } of piecesOf(this.#campaign)) {
        this.#unread += missing.length;
        for (const stored of jobs) this.#countJob(stored, cancelled, onFound);
        signal?.throwIfAborted();
      }
    } catch (error) {
      // It was forgotten, before or meanwhile.
      if (!(error instanceof VolleyError && error.code === 'not_found')) throw error;
      return estimateLeft(this.#campaign, about);
    }
    const read = { texted: this.#texted, pending: this.#pending };
    if (this.#unread === 0) return { ...read, certainty: 'exact' };
    // Nobody knows who was in jobs that are gone.
    const told = await estimateLeft(this.#campaign, about);
    const isMore = told.texted + told.pending > read.texted + read.pending;
    return isMore ? told : { ...read, certainty: 'about' };
  }

  #countJob(stored: StoredJob, cancelled: number, onFound: (pair: number) => void): void {
    const { template, params, messages } = stored.job;
    if (template !== this.#template) return;
    const hash = new PairHash(params);
    const left = new LeftOfJob(stored, cancelled, this.#times);
    for (const [index, [to, values]] of messages.entries()) {
      hash.take(values);
      let leftOf: ReturnType<LeftOfJob['of']> | undefined;
      for (const [place, number] of to.entries()) {
        const pair = hash.of(number);
        if (!this.#pairs.hasValue(pair)) continue;
        leftOf ??= left.of(index);
        const what = leftOf(place);
        if (what === 'not' || this.#moved.hasValue(pair)) continue;
        if (left.isMoved(index)) this.#moved.addValue(pair);
        if (what === 'texted') this.#texted++;
        else this.#pending++;
        onFound(pair);
      }
    }
  }
}

/** While one piece is looked through, the next is on its way. */
async function* piecesOf(campaign: CampaignHandle): AsyncGenerator<Piece> {
  let coming: Promise<Piece> | undefined;
  for await (const ids of jobIds(campaign)) {
    const next = readPiece(campaign, ids);
    // It may fail before it is waited for.
    next.catch(() => {});
    if (coming) yield await coming;
    coming = next;
  }
  if (coming) yield await coming;
}

/** As large a share of those in common as of all its recipients. */
export async function estimateLeft(
  campaign: CampaignHandle,
  about: number | undefined,
): Promise<LeftCount> {
  const { recipients, pending, accepted, shortfall, unconfirmed } = await campaign.counts();
  const sent = accepted + shortfall + unconfirmed;
  if (sent + pending === 0) return { texted: 0, pending: 0, certainty: 'about' };
  if (about === undefined) return { texted: 0, pending: 0, certainty: 'unknown' };
  const share = (count: number) => Math.round((about * count) / Math.max(1, recipients));
  return { texted: share(sent), pending: share(pending), certainty: 'about' };
}
