import type { Redis } from 'ioredis';
import { originOf } from '../../shared/destination.ts';
import type { Logger } from '../../shared/log.ts';
import { maskPhonesIn } from '../../shared/phone.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { PerTick } from '../../shared/redis/per-tick.ts';
import { loadScript } from '../../shared/redis/script.ts';
import type { Pacer } from '../pacing/pacer.ts';
import type { Verdict, Writer } from '../request/classify.ts';
import { describeVerdict } from '../request/describe-verdict.ts';

/** Who wrote the last replies, for the whole fleet. */
const REPORT = loadScript(new URL('report-writer.lua', import.meta.url));

/** Replies in a row that EngageLab cannot have written, after which somebody has to look. */
const ANOTHERS_IN_A_ROW = 20;
const LONGEST_LAST = 300;

interface Reply {
  writer: Writer;
  epoch: number;
  /** How many of this process's own came in a row by then. */
  inARow: number;
  detail: string;
}

export interface FarEndOptions {
  /** `ENGAGELAB_BASE_URL`. */
  baseUrl: string;
  /** The machine's name, for whoever looks for it. */
  host: string;
  pacer: Pick<Pacer, 'permits' | 'pauseDuring' | 'signs'>;
  log: Logger;
}

/**
 * Sees to it that a wrong `ENGAGELAB_BASE_URL`, a proxy's log-in page or a domain that has changed hands does not burn a
 * whole list: each message that somebody else answers is rejected or unconfirmed. After the first such reply this process
 * sends one at a time, and each is told to the fleet before the next; after twenty in a row, of the fleet or of this
 * process, the fleet is locked. While all is well it costs nothing. It judges no reply.
 */
export class FarEnd {
  readonly #redis: Redis;
  readonly #keys: FleetKeys;
  readonly #options: FarEndOptions;
  readonly #reports: PerTick<Reply, true>;
  /** Of this process's replies: how many came in a row, in which epoch. */
  #inARow = 0;
  #epoch = 0;

  constructor(redis: Redis, keys: FleetKeys, options: FarEndOptions) {
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
    this.#reports = new PerTick((replies) => this.#report(replies));
  }

  /**
   * Takes note of a reply: resolves, in any case, when the fleet knows what it has to know of it.
   * @param epoch of the permit it was sent under
   */
  async note(verdict: Verdict, epoch: number): Promise<void> {
    const { writer } = verdict;
    if (writer === undefined) return;
    if (writer === 'engagelab') await this.#noteTheirs(epoch);
    else await this.#noteAnothers(epoch, verdict);
  }

  async #noteTheirs(epoch: number): Promise<void> {
    const { pacer } = this.#options;
    const isNews = pacer.permits.trust === 'doubted' || pacer.signs.isDoubted;
    this.#inARow = 0;
    pacer.permits.trust = 'proven';
    if (!isNews) return;
    await this.#tell({ writer: 'engagelab', epoch, inARow: 0, detail: '' });
  }

  async #noteAnothers(epoch: number, verdict: Verdict): Promise<void> {
    const { pacer } = this.#options;
    if (epoch !== this.#epoch) this.#inARow = 0;
    this.#epoch = epoch;
    this.#inARow++;
    pacer.permits.trust = 'doubted';
    const reply = { epoch, inARow: this.#inARow, detail: this.#describe(verdict) };
    await pacer.pauseDuring(this.#tell({ writer: 'another', ...reply }));
  }

  /** A Redis that cannot take this for now must not keep the attempt from being written down. */
  #tell(reply: Reply): Promise<unknown> {
    return this.#reports.add(reply).catch(() => {});
  }

  /** What follows the number of them. */
  #describe(verdict: Verdict): string {
    const { baseUrl, host } = this.#options;
    const last = maskPhonesIn(describeVerdict(verdict)).slice(0, LONGEST_LAST);
    return (
      `replies in a row that EngageLab cannot have written, the last: ${last}; ` +
      `check ENGAGELAB_BASE_URL (${originOf(baseUrl)}) on ${host} and what is on the way there, ` +
      'then volley release --reason far_end'
    );
  }

  async #report(replies: Reply[]): Promise<true[]> {
    for (const epoch of new Set(replies.map((reply) => reply.epoch))) {
      await this.#reportOf(
        epoch,
        replies.filter((reply) => reply.epoch === epoch),
      );
    }
    return replies.map(() => true);
  }

  async #reportOf(epoch: number, replies: readonly Reply[]): Promise<void> {
    const theirs = replies.findLastIndex(({ writer }) => writer === 'engagelab');
    const anothers = replies.length - 1 - theirs;
    const { inARow = 0, detail = '' } = anothers > 0 ? (replies.at(-1) ?? {}) : {};
    const locking = await REPORT.run(
      this.#redis,
      [this.#keys.breaker, this.#keys.valve],
      [theirs < 0 ? 0 : 1, anothers, epoch, ANOTHERS_IN_A_ROW, inARow, detail],
    );
    if (locking === 0) return;
    this.#options.log.error({ detail: `${locking} ${detail}` }, 'valve locked: far_end');
  }
}
