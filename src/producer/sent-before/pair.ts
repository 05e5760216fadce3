/**
 * Who is to get which message, as one number: a hash of a phone number and of its values with the
 * names of their params. The order of the params makes no difference, so the same list is the same
 * people as CSV and as JSON. The same person with other values is another message.
 *
 * 53 bits, a whole number that a double holds. Of a million pairs that are compared with a million
 * others, one in some 9,000 such comparisons has a pair that passes for another's.
 */

/** Odd, so that a product loses nothing. */
const FIRST_BY = 0x9e3779b1;
const SECOND_BY = 0x5f356495;
/** So many digits stand in 32 bits, and so do the others of a number in E.164, which has 15 at most. */
const LAST_DIGITS = 9;

export class PairHash {
  /** Of each name. */
  readonly #seeds: readonly { readonly one: number; readonly other: number }[];
  #first = 0;
  #second = 0;

  /** @param names of the params, in the order of the values */
  constructor(names: readonly string[]) {
    this.#seeds = names.map((name) => {
      return { one: laneOf(name, 1, FIRST_BY), other: laneOf(name, 2, SECOND_BY) };
    });
  }

  /** From now on pairs are of these values: once for all numbers of a message. */
  take(values: readonly string[]): this {
    let first = 0;
    let second = 0;
    for (let index = 0; index < this.#seeds.length; index++) {
      const value = values[index] ?? '';
      const a = laneOf(value, this.#seeds[index]?.one ?? 0, FIRST_BY);
      const b = laneOf(value, this.#seeds[index]?.other ?? 0, SECOND_BY);
      // A sum does not know in which order the params came.
      first = (first + mixed(a ^ (b >>> 15))) | 0;
      second = (second + mixed(b ^ (a >>> 15))) | 0;
    }
    this.#first = first;
    this.#second = second;
    return this;
  }

  /** @param number in E.164 @returns 1 to 2^53 − 1 */
  of(number: string): number {
    const a = mixed(this.#first ^ tailOf(number));
    const b = mixed(Math.imul(a, FIRST_BY) ^ this.#second ^ Math.imul(headOf(number), SECOND_BY));
    return joined(mixed(a ^ Math.imul(b, SECOND_BY)), b) || 1;
  }
}

/**
 * 32 bits, of the number alone: where it comes among all numbers, as if by chance. It is all that is
 * worked out for every row of a list.
 */
export function placeOf(number: string): number {
  return mixed(tailOf(number) ^ Math.imul(headOf(number), FIRST_BY));
}

/** 32 bits, then 21 of the others. */
export function joined(first: number, second: number): number {
  return first * 0x200000 + (second & 0x1fffff);
}

/** `+6591234567` → 591234567 */
function tailOf(number: string): number {
  let value = 0;
  for (let at = Math.max(1, number.length - LAST_DIGITS); at < number.length; at++)
    value = (Math.imul(value, 10) + number.charCodeAt(at) - 48) | 0;
  return value;
}

/** `+6591234567` → 6 */
function headOf(number: string): number {
  let value = 0;
  for (let at = 1; at < number.length - LAST_DIGITS; at++)
    value = (Math.imul(value, 10) + number.charCodeAt(at) - 48) | 0;
  return value;
}

/** A text's UTF-16 units, one after the other, in 32 bits that are not mixed yet. */
function laneOf(text: string, seed: number, by: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), by);
  return hash;
}

/** Murmur3's finaliser: each bit depends on all. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
