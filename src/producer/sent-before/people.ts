/**
 * The people of a list, gathered while it is read: their sketch, and where it was sent before with
 * this template also each of them as the hash of its pair, in 10 to 20 bytes a recipient.
 */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { readPiece } from '../../shared/campaign/stored-jobs.ts';
import { jobIdAt } from '../../shared/job.ts';
import { NumberSet } from '../list/number-set.ts';
import type { Recipient } from '../list/recipient.ts';
import { PairHash } from './pair.ts';
import { type Sketch, Sketcher } from './sketch.ts';

/** Jobs read at once. */
const PIECE = 25;

export class ListPeople {
  /** Where they are kept. */
  readonly pairs: NumberSet | undefined;
  readonly #sketcher = new Sketcher();
  #hash = new PairHash([]);
  #names = '[]';

  constructor(keepsPairs: boolean) {
    this.pairs = keepsPairs ? new NumberSet() : undefined;
  }

  /** @param names of the params, in the order of the values */
  take(recipients: readonly Pick<Recipient, 'to' | 'values'>[], names: readonly string[]): void {
    const text = JSON.stringify(names);
    if (text !== this.#names) this.#hash = new PairHash(names);
    this.#names = text;
    this.#sketcher.take(recipients, this.#hash);
    if (this.pairs === undefined) return;
    for (const { to, values } of recipients) this.pairs.addValue(this.#hash.take(values).of(to));
  }

  sketch(): Sketch {
    return this.#sketcher.sketch();
  }
}

/** The pairs of a list that has been laid and was not kept: nobody else had sent when it was read. */
export async function readPairs(campaign: CampaignHandle, jobs: number): Promise<NumberSet> {
  const pairs = new NumberSet();
  for (let first = 0; first < jobs; first += PIECE) {
    const length = Math.min(PIECE, jobs - first);
    const ids = Array.from({ length }, (_none, at) => jobIdAt(campaign.id, first + at));
    for (const { job } of (await readPiece(campaign, ids)).jobs) {
      const hash = new PairHash(job.params);
      for (const [to, values] of job.messages) {
        hash.take(values);
        for (const number of to) pairs.addValue(hash.of(number));
      }
    }
  }
  return pairs;
}
