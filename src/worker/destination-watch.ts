import type { Redis } from 'ioredis';
import type { Destination, Reach } from '../shared/destination.ts';
import { type Heartbeat, readWorkers } from '../shared/fleet/heartbeat.ts';
import type { Logger } from '../shared/log.ts';
import type { FleetKeys } from '../shared/redis/keys.ts';
import type { RedisClock } from '../shared/redis/redis-clock.ts';
import { Actor } from './actor/actor.ts';

export interface DestinationWatchOptions {
  /** The worker's id. */
  worker: string;
  origin: string;
  account: string;
  /** `VOLLEY_ALLOW_ORIGIN_CHANGE`. */
  allowsChange: boolean;
  clock: RedisClock;
  log: Logger;
}

const LOOK_MS = 2000;

/**
 * Knows what this worker may send to where it sends. While an older worker of the fleet sends to another
 * origin, this one begins nothing new: somebody's trial beside the real fleet, or a base URL with a slip in it,
 * would else take what is meant for the others. It holds no message back: the gate does, and the roster, which ask it.
 */
export class DestinationWatch extends Actor implements Destination {
  readonly #redis: Redis;
  readonly #keys: FleetKeys;
  readonly #options: DestinationWatchOptions;
  #startedAt = 0;
  #reach: Reach = 'own';
  /** The older worker that was told of last. */
  #told: string | undefined;

  constructor(redis: Redis, keys: FleetKeys, options: DestinationWatchOptions) {
    super({ everyMs: LOOK_MS }, options.log, 'where other workers send not looked at');
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
  }

  get origin(): string {
    return this.#options.origin;
  }

  get account(): string {
    return this.#options.account;
  }

  get reach(): Reach {
    return this.#reach;
  }

  /** By Redis's clock, Unix ms; 0 before the first `begin`. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Before the first heartbeat, which tells the others how old this worker is. */
  begin(): void {
    this.#startedAt = this.#options.clock.now();
  }

  async once(): Promise<void> {
    if (this.#options.allowsChange) {
      this.#reach = 'any';
      return;
    }
    const workers = await readWorkers(this.#redis, this.#keys, this.#options.clock.now());
    const older = workers.find((other) => this.#isOlderElsewhere(other));
    this.#reach = older ? 'own' : 'new';
    if (older?.id !== this.#told) this.#tell(older);
    this.#told = older?.id;
  }

  #tell(older: Heartbeat | undefined): void {
    const { log, origin } = this.#options;
    if (!older) {
      log.info({ origin }, 'begins new campaigns and notifications again');
      return;
    }
    const { id: worker, host, origin: theirs } = older;
    log.error(
      { origin, other: { worker, host, origin: theirs } },
      `begins no new campaign and no notification: this worker sends to ${origin}, an older one to ${theirs}; ` +
        'mend ENGAGELAB_BASE_URL or stop one of the two; VOLLEY_ALLOW_ORIGIN_CHANGE=1 has this one serve all the same',
    );
  }

  /** One of an older version does not say where it sends. */
  #isOlderElsewhere({ id, origin, started_at: startedAt }: Heartbeat): boolean {
    const { worker } = this.#options;
    if (id === worker || origin === undefined || startedAt === undefined) return false;
    if (origin === this.origin) return false;
    return startedAt < this.#startedAt || (startedAt === this.#startedAt && id < worker);
  }
}
