/**
 * What is kept of a campaign's people so that a later `send` knows whether to look at them: how
 * many they are, and the 500 that come first in an order by chance (bottom-k). Both lists choose by
 * the same order, so what both have among them is a fair sample of what they have in common.
 * At most 4,008 bytes; of up to 500 people it has all.
 *
 * The order is that of the numbers alone, so that for a row which does not come among the first, and
 * that is all but a few thousand of a million, nothing but its number is hashed.
 */
import type { Recipient } from '../list/recipient.ts';
import { joined, type PairHash, placeOf } from './pair.ts';

/** Most people that a sketch has. */
export const MOST = 500;
/** As many are gathered before those that come later are left out. */
const ROOM = 4 * MOST;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

export interface Sketch {
  /** How many people there are. */
  readonly count: number;
  /** The first of them, rising: the number's place, then bits of the pair's hash. */
  readonly first: Float64Array;
}

/** Gathers the sketch of a list, whose numbers are distinct. */
export class Sketcher {
  readonly #room = new Float64Array(ROOM);
  #held = 0;
  /** Whoever comes after this place is none of the first. */
  #last = 0xffffffff;
  #count = 0;

  take(recipients: readonly Pick<Recipient, 'to' | 'values'>[], hash: PairHash): void {
    this.#count += recipients.length;
    let last = this.#last;
    for (const { to, values } of recipients) {
      const place = placeOf(to);
      if (place > last) continue;
      this.#room[this.#held++] = joined(place, hash.take(values).of(to));
      if (this.#held < ROOM) continue;
      this.#leaveOut();
      last = this.#last;
    }
  }

  sketch(): Sketch {
    this.#leaveOut();
    return { count: this.#count, first: this.#room.slice(0, this.#held) };
  }

  #leaveOut(): void {
    this.#room.subarray(0, this.#held).sort();
    if (this.#held <= MOST) return;
    this.#held = MOST;
    this.#last = Math.floor((this.#room[MOST - 1] ?? 0) / 0x200000);
  }
}

export function encodeSketch({ count, first }: Sketch): Buffer {
  const bytes = Buffer.alloc((first.length + 1) * BYTES);
  for (const [index, value] of [count, ...first].entries())
    bytes.writeDoubleLE(value, index * BYTES);
  return bytes;
}

/** @returns undefined for what is no sketch */
export function decodeSketch(bytes: Buffer): Sketch | undefined {
  if (bytes.length === 0 || bytes.length % BYTES !== 0) return undefined;
  const read = (index: number) => bytes.readDoubleLE(index * BYTES);
  const first = Float64Array.from({ length: bytes.length / BYTES - 1 }, (_none, at) =>
    read(at + 1),
  );
  return { count: read(0), first };
}

/** What two sketches tell of each other. */
export interface Comparison {
  /** Both have all of their people, so `shared` is exact. */
  readonly isExact: boolean;
  /** How many of each are in the part of the order that both know. */
  readonly own: number;
  readonly other: number;
  /** How many of these are the same. */
  readonly shared: number;
}

export function compare(own: Sketch, other: Sketch): Comparison {
  const end = Math.min(endOf(own), endOf(other));
  const [a, b] = [own.first, other.first];
  let [at, there, shared] = [0, 0, 0];
  for (;;) {
    const one = a[at] ?? Number.POSITIVE_INFINITY;
    const two = b[there] ?? Number.POSITIVE_INFINITY;
    if (Math.min(one, two) > end || (at >= a.length && there >= b.length)) break;
    if (one === two) shared++;
    if (one <= two) at++;
    if (two <= one) there++;
  }
  return { isExact: end === Number.POSITIVE_INFINITY, own: at, other: there, shared };
}

/** Up to here a sketch has all of its people. */
function endOf({ count, first }: Sketch): number {
  return count <= first.length ? Number.POSITIVE_INFINITY : (first.at(-1) ?? 0);
}

/**
 * How many of this list are people of the other, about.
 * @returns undefined where there is nothing to compare: one of them is so large that what is known of
 *   it is hardly in the other
 */
export function estimate(own: Sketch, other: Sketch, { isExact, ...found }: Comparison) {
  if (isExact) return found.shared;
  if (found.own === 0) return undefined;
  return Math.min(Math.round((found.shared / found.own) * own.count), own.count, other.count);
}
