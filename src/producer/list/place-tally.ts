/** Counts recipients by country and kind of number. What a place is, the phone room says. */
import { type NumberKind, places } from '../phone/places.ts';
import type { ListPlaces } from './options.ts';
import type { Recipient } from './recipient.ts';

export class PlaceTally {
  readonly #counts: Record<string, number>;
  readonly #kinds: Partial<Record<NumberKind, number>>;
  readonly #totals: ListPlaces;
  readonly #callingCodes = new Set<string>();
  /** Of one call, by place. */
  readonly #found = new Uint32Array(places.length);

  /** @param totals where it counts */
  constructor(totals: ListPlaces) {
    this.#totals = totals;
    this.#counts = totals.countries;
    this.#kinds = totals.kinds;
  }

  add(recipients: readonly Pick<Recipient, 'place'>[]): void {
    const found = this.#found;
    const met: number[] = [];
    for (const { place } of recipients) {
      const before = found[place] ?? 0;
      if (before === 0) met.push(place);
      found[place] = before + 1;
    }
    for (const index of met) {
      const place = places[index];
      const count = found[index] ?? 0;
      found[index] = 0;
      if (place === undefined) continue;
      const { country, kind, callingCode } = place;
      this.#counts[country] = (this.#counts[country] ?? 0) + count;
      this.#kinds[kind] = (this.#kinds[kind] ?? 0) + count;
      this.#callingCodes.add(callingCode);
    }
    this.#totals.callingCodes = this.#callingCodes.size;
  }
}
