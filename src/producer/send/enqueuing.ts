import type { JobsOptions, Queue } from 'bullmq';
import { encodeLaid } from '../../shared/campaign/campaign.ts';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { removeLaidJobs } from '../../shared/campaign/laid-jobs.ts';
import { serve, unserve } from '../../shared/campaign/serving.ts';
import { conflict, VolleyError } from '../../shared/errors.ts';
import { type Job, jobIdAt } from '../../shared/job.ts';
import type { Counts } from '../../shared/outcome.ts';
import { writeLayout } from '../../shared/redis/layout.ts';
import { openQueue } from '../../shared/redis/queue.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import type { ListTotals } from '../list/read-packs.ts';
import { holdBack } from './canary.ts';
import { areNamed, goOn, RENEWAL_MS, release, withdraw } from './enqueue-scripts.ts';

/** Jobs a call to Redis: beyond it, one call would hold the event loop for too long. */
const PIECE = 200;
/** Of those that are only looked at. */
const LOOKED_AT_ONCE = 1000;

/**
 * One campaign's way into Redis, under its lease: lays its jobs in pieces, and releases or takes
 * back all of them. It knows nothing of lists.
 */
export class Enqueuing {
  readonly #campaign: CampaignHandle;
  readonly #token: string;
  readonly #lost = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  #queue: Queue;
  #laid = 0;
  #piece: { name: string; data: Job; opts: JobsOptions }[] = [];

  constructor(campaign: CampaignHandle, token: string) {
    const { redis, keys, own, id } = campaign;
    this.#campaign = campaign;
    this.#token = token;
    this.#queue = openQueue(redis, keys, id);
    this.#renewal = setInterval(() => {
      goOn(redis, own, token).then(
        (holding) => holding === 'held' || this.#lost.abort(this.#ended(holding)),
        (error: unknown) => this.#lost.abort(error),
      );
    }, RENEWAL_MS);
  }

  /** Aborts when the caller's signal does, and when the lease is lost. */
  watch(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#lost.signal]) : this.#lost.signal;
  }

  /** Jobs that lie in its queue. */
  get laid(): number {
    return this.#laid;
  }

  /** Shows it among the campaigns from now on, also if this process dies. */
  async announce(): Promise<void> {
    const { redis, fleet, id } = this.#campaign;
    await redis.zadd(fleet.campaigns, 'NX', await redisNow(redis), id);
  }

  async add(data: Job, totals: Readonly<ListTotals>): Promise<void> {
    const position = this.#laid + this.#piece.length;
    const jobId = jobIdAt(this.#campaign.id, position);
    this.#piece.push({ name: this.#name, data, opts: { jobId } });
    if (this.#piece.length >= PIECE) await this.flush(totals);
  }

  /** Checks the lease before each piece: whoever lost it must not add to what another lays. */
  async flush(totals: Readonly<ListTotals>): Promise<void> {
    const piece = this.#piece;
    this.#piece = [];
    this.#lost.signal.throwIfAborted();
    const { redis, own } = this.#campaign;
    const holding = await goOn(redis, own, this.#token, asCounts(totals));
    if (holding !== 'held') throw this.#ended(holding);
    const timestamp = await redisNow(redis);
    for (const { opts } of piece) opts.timestamp = timestamp;
    if (piece.length > 0) await this.#queue.addBulk(piece);
    this.#laid += piece.length;
  }

  /** Lets only the first so many jobs be sent at once; the others wait for a `resume`. */
  async holdBack(jobs: number): Promise<void> {
    await holdBack(this.#campaign.redis, this.#campaign.own, jobs);
  }

  /** Registered first: a release whose registration failed would never be found by a worker. */
  async release(
    totals: Readonly<ListTotals>,
    record: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const { redis, fleet, own, id } = this.#campaign;
    await this.#checkLaid();
    await Promise.all([serve(redis, fleet, id), writeLayout(redis, fleet)]);
    const counts = asCounts(totals);
    const campaign = { ...record, laid: encodeLaid(counts) };
    const done = await release(redis, own, this.#token, this.#laid, campaign, counts);
    if (done === 'released') return;
    if (done === 'lost' || done === 'cancelled') throw this.#ended(done);
    throw this.#disturbed('found another number');
  }

  /**
   * Another `send`, which stood still between its look at the lease and its writing, may have laid
   * jobs under these ids, and BullMQ keeps what came first. Once all of them are laid it cannot: it
   * finds all ids taken.
   */
  async #checkLaid(): Promise<void> {
    const { redis, own, id } = this.#campaign;
    for (let first = 0; first < this.#laid; first += LOOKED_AT_ONCE) {
      const count = Math.min(LOOKED_AT_ONCE, this.#laid - first);
      const ids = Array.from({ length: count }, (_none, at) => jobIdAt(id, first + at));
      if (await areNamed(redis, own, this.#name, ids)) continue;
      throw this.#disturbed("found others' among them");
    }
  }

  /** Removes what an earlier `send` that died had laid. */
  async clear(): Promise<void> {
    const { redis, keys, own, id } = this.#campaign;
    if (!(await removeLaidJobs(redis, own, this.#token))) throw this.#ended('lost');
    await this.#queue.close();
    // Its settings went with it.
    this.#queue = openQueue(redis, keys, id);
  }

  /**
   * Takes back everything, unless it was released or is another's.
   * @returns false where Redis was away: then it stays `abandoned`, and the same command clears it
   */
  async withdraw(): Promise<boolean> {
    clearInterval(this.#renewal);
    const { redis, fleet, own, id } = this.#campaign;
    try {
      if ((await goOn(redis, own, this.#token)) === 'lost') return true;
      // Read while the lease is held for certain: what another release puts there later stays.
      const generation = await redis.hget(fleet.serving, id);
      if (!(await removeLaidJobs(redis, own, this.#token))) return true;
      if (generation !== null) await unserve(redis, fleet, id, generation);
      const isGone = await withdraw(redis, own, this.#token);
      if (isGone) await redis.zrem(fleet.campaigns, id);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#queue.close();
  }

  /** What its jobs are called: so they are told from those of another `send` of the same id. */
  get #name(): string {
    return `send ${this.#token}`;
  }

  #disturbed(found: string): VolleyError {
    return conflict(
      'disturbed',
      `campaign ${this.#campaign.id}: expected ${this.#laid} jobs of its own in its queue, ${found}; ` +
        'another program wrote there. Nothing was released: run the same command again',
    );
  }

  #ended(why: 'lost' | 'cancelled'): VolleyError {
    const id = `campaign ${this.#campaign.id}`;
    return why === 'lost'
      ? conflict('send_at_work', `${id}: another send has taken over its id`)
      : new VolleyError(
          'interrupted',
          `${id}: it was cancelled while it was being enqueued; nothing was sent, what had been laid was cleared`,
        );
  }
}

function asCounts(totals: Readonly<ListTotals>): Partial<Counts> {
  const { rows, invalid, duplicate, suppressed, recipients } = totals;
  return { rows, invalid, duplicate, suppressed, recipients, pending: recipients };
}
