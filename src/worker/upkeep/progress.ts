import type { Logger } from '../../shared/log.ts';
import { Actor } from '../actor/actor.ts';
import type { Pacer } from '../pacing/pacer.ts';

const LINE_MS = 1000;

/** Writes one line a second into the log while there is something to tell of. */
export class Progress extends Actor {
  readonly #pacer: Pick<Pacer, 'given' | 'inFlight'>;
  readonly #campaigns: () => number;
  readonly #log: Logger;
  #logged = 0;

  /** @param campaigns how many have a place at present */
  constructor(pacer: Pick<Pacer, 'given' | 'inFlight'>, campaigns: () => number, log: Logger) {
    super({ everyMs: LINE_MS }, log, 'progress not told');
    this.#pacer = pacer;
    this.#campaigns = campaigns;
    this.#log = log;
  }

  async once(): Promise<void> {
    const { given, inFlight } = this.#pacer;
    const requests = given - this.#logged;
    this.#logged = given;
    if (requests === 0 && inFlight === 0) return;
    this.#log.info({ requests, in_flight: inFlight, campaigns: this.#campaigns() }, 'sending');
  }
}
