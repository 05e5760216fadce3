import type { Registered } from './registry.ts';

/**
 * Who waits for a place with this worker, and since when. Whoever comes and goes, as one does whose messages all wait
 * for their next attempt, comes after those that have waited longer: else two of them could keep a third out for ever.
 */
export class PlaceQueue {
  readonly #since = new Map<string, number>();

  /**
   * @param waiting all that could be sent now and have no place
   * @returns the same, those that have waited longest first
   */
  inTurn(waiting: readonly Registered[], now: number): Registered[] {
    const ids = new Set(waiting.map(({ id }) => id));
    for (const id of this.#since.keys()) if (!ids.has(id)) this.#since.delete(id);
    for (const id of ids) if (!this.#since.has(id)) this.#since.set(id, now);
    const sinceOf = ({ id }: Registered) => this.#since.get(id) ?? now;
    return waiting.toSorted((one, other) => sinceOf(one) - sinceOf(other));
  }
}
