import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Destination, mayServe } from '../../shared/destination.ts';
import type { Message } from '../../shared/job.ts';
import { type Closing, closeAttempts } from '../../shared/ledger/close.ts';
import { decodeEntry, type Entry, UNTOUCHED } from '../../shared/ledger/entry.ts';
import type { EntryState } from '../../shared/ledger/letters.ts';
import { type GateClosed, type Opening, openAttempts } from '../../shared/ledger/open.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { PerTick } from '../../shared/redis/per-tick.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { KeptClosings } from '../trouble/kept-closings.ts';

export interface LedgerOptions {
  jobId: string;
  /** BullMQ's lock token: the gate opens only to its holder. */
  token: string;
  /** Four letters that name this run of the job: they tell its attempts from another worker's. */
  run: string;
  /** Most attempts of a message. */
  attempts: number;
  /** Whether an unconfirmed message is left to a person; otherwise it is sent again. */
  park: boolean;
  /** A lock with less left than this is as good as lost. */
  leastLockMs: number;
  destination: Destination;
  kept: KeptClosings;
  /** By which it is written down when an attempt was opened. */
  clock: Pick<RedisClock, 'now'>;
}

/** Four characters that tell this run's attempts from another's. */
export function newRun(): string {
  return randomInt(36 ** 4)
    .toString(36)
    .padStart(4, '0');
}

/**
 * One run's hold on the ledger of its job. It reads what is written there, and passes openings and closings on to
 * the two scripts, those of one turn of the event loop together. It decides nothing about what may be sent: the
 * gate does, in Redis.
 */
export class Ledger {
  readonly #redis: Redis;
  readonly #keys: CampaignKeys;
  readonly #options: LedgerOptions;
  readonly #openings: PerTick<Opening, boolean | GateClosed>;
  readonly #closings: PerTick<Closing, EntryState>;
  /** Of a notification that was attempted: the origin that it was sent to. Of any other job nothing. */
  #bound: string | undefined;

  constructor(redis: Redis, keys: CampaignKeys, options: LedgerOptions) {
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
    this.#openings = new PerTick(async (items): Promise<(boolean | GateClosed)[]> => {
      const opened = await openAttempts(redis, keys, options, options.clock.now(), items);
      return Array.isArray(opened) ? opened : items.map(() => opened);
    });
    this.#closings = new PerTick((items) => this.closeNow(items));
  }

  /**
   * The entry of every message, in their order. One that waits in a chapter that was cancelled reads as cancelled: its
   * neighbours may have been replayed since, and the gate would refuse them with it.
   */
  async read(messages: readonly Message[]): Promise<Entry[]> {
    const [fields, last] = await Promise.all([
      this.#redis.hgetall(this.#keys.ledger(this.#options.jobId)),
      this.#redis.hget(this.#keys.campaign, 'cancelled'),
    ]);
    this.#bound = fields['origin'];
    const cancelled = Number(last ?? 0);
    return messages.map(([to], index) => {
      const text = fields[index];
      const entry = text === undefined ? { ...UNTOUCHED } : decodeEntry(text, to.length);
      if (entry.state === 'pending' && entry.chapter <= cancelled) entry.state = 'cancelled';
      return entry;
    });
  }

  /**
   * Whether it is a notification that was attempted at another origin, as last read. The gate says the same, but only
   * to whoever holds a permit.
   */
  get isElsewhere(): boolean {
    return this.#bound !== undefined && !mayServe(this.#options.destination, this.#bound);
  }

  /** @returns whether the attempt is open, acknowledged by Redis; or why the gate is closed for the whole job */
  open(opening: Opening): Promise<boolean | GateClosed> {
    return this.#openings.add(opening);
  }

  /** The same under another name than the run's, for one that is asked for anew. */
  async openAs(run: string, opening: Opening): Promise<boolean | GateClosed> {
    const job = { ...this.#options, run };
    const opened = await openAttempts(this.#redis, this.#keys, job, job.clock.now(), [opening]);
    return Array.isArray(opened) ? opened[0] === true : opened;
  }

  /** @returns the message's state afterwards */
  close(closing: Closing): Promise<EntryState> {
    return this.#closings.add(closing);
  }

  /** As long as Redis does not take them they are kept. */
  closeNow(closings: readonly Closing[]): Promise<EntryState[]> {
    const [redis, keys, options] = [this.#redis, this.#keys, this.#options];
    return options.kept.write(() => closeAttempts(redis, keys, options.jobId, options, closings));
  }
}
