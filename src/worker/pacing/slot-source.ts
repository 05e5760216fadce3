import type { Redis } from 'ioredis';
import { Moment } from '../../shared/moment.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import { Lead } from './lead.ts';
import type { Slot } from './promised-slots.ts';
import { type Asking, askForSlots, type GrantedSlots, type PacerKeys } from './slots.ts';

export interface SlotSourceOptions {
  /** This process, to the others. */
  worker: string;
  /** Of this worker's credentials. */
  fingerprint: string;
  /** Learns from every answer. */
  clock: RedisClock;
}

export type Question = Pick<Asking, 'urgent' | 'owed' | 'unused' | 'numbers'>;

export interface Answer extends Pick<GrantedSlots, 'waitMs' | 'isFailing' | 'isDoubted' | 'lock'> {
  /** The first ones that were asked for, as many as were granted. */
  slots: Omit<Slot, 'round'>[];
}

/**
 * Asks Redis for slots, and says when each comes on this process's monotonic clock, as far as every
 * answer tells. It knows nothing of who waits for them.
 */
export class SlotSource {
  readonly #redis: Redis;
  readonly #keys: PacerKeys;
  readonly #options: Omit<SlotSourceOptions, 'clock'>;
  readonly #clock: RedisClock;
  readonly #lead = new Lead();

  constructor(redis: Redis, keys: PacerKeys, { worker, fingerprint, clock }: SlotSourceOptions) {
    this.#redis = redis;
    this.#keys = keys;
    this.#options = { worker, fingerprint };
    this.#clock = clock;
  }

  async ask(question: Question): Promise<Answer> {
    const asking = { ...this.#options, ...question, leadMs: this.#lead.ms };
    const askedAt = new Moment();
    const sentAt = performance.now();
    const granted = await askForSlots(this.#redis, this.#keys, asking);
    const answeredAt = performance.now();
    this.#clock.see(granted.now, sentAt, answeredAt);
    this.#lead.see(answeredAt - this.#clock.toLocal(granted.now));
    const { now, slots, count, epoch, isProbe, isByRecipients } = granted;
    return {
      ...granted,
      slots: slots.map((ms, index) => ({
        at: this.#clock.toLocal(now + ms),
        askedAt,
        charged: question.numbers[index] ?? 0,
        count: count - slots.length + index + 1,
        isByRecipients,
        epoch,
        isProbe,
      })),
    };
  }
}
