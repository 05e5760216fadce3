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
  /** Two of each name. */
  readonly #seeds: Int32Array;
  #first = 0;
  #second = 0;

  /** @param names of the params, in the order of the values */
  constructor(names: readonly string[]) {
    this.#seeds = Int32Array.from(
      names.flatMap((name) => [laneOf(name, 1, FIRST_BY), laneOf(name, 2, SECOND_BY)]),
    );
  }

  /** From now on pairs are of these values: once for all numbers of a message. */
  take(values: readonly string[]): this {
    const seeds = this.#seeds;
    let first = 0;
    let second = 0;
    for (let at = 0; at < seeds.length; at += 2) {
      const value = values[at >> 1] ?? '';
      let a = (seeds[at] ?? 0) ^ value.length;
      let b = (seeds[at + 1] ?? 0) ^ value.length;
      for (let unit = 0; unit < value.length; unit++) {
        const code = value.charCodeAt(unit);
        a = Math.imul(a ^ code, FIRST_BY);
        b = Math.imul(b ^ code, SECOND_BY);
      }
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
    const a = mixed(this.#first ^ digitsOf(number, number.length - LAST_DIGITS, number.length));
    const head = digitsOf(number, 1, number.length - LAST_DIGITS);
    const b = mixed(Math.imul(a, FIRST_BY) ^ this.#second ^ Math.imul(head, SECOND_BY));
    return joined(mixed(a ^ Math.imul(b, SECOND_BY)) >>> 0, b) || 1;
  }
}

/**
 * 32 bits, of the number alone: where it comes among all numbers, as if by chance. It is all that is
 * worked out for every row of a list, so it takes two digits a step.
 */
export function placeOf(number: string): number {
  const end = number.length - 1;
  let hash = end;
  let at = 1;
  for (; at < end; at += 2) {
    const two = number.charCodeAt(at) + Math.imul(number.charCodeAt(at + 1), 0x1003f);
    hash = (Math.imul(hash, FIRST_BY) + two) | 0;
  }
  if (at === end) hash = (Math.imul(hash, FIRST_BY) + number.charCodeAt(at)) | 0;
  return mixed(hash) >>> 0;
}

/** 32 bits, then 21 of the others. */
export function joined(first: number, second: number): number {
  return first * 0x200000 + (second & 0x1fffff);
}

/** Those from one place to before another, none of which is the `+`. */
function digitsOf(number: string, first: number, end: number): number {
  let value = 0;
  for (let at = Math.max(1, first); at < end; at++)
    value = (Math.imul(value, 10) + number.charCodeAt(at) - 48) | 0;
  return value;
}

/** As a value's units are taken. */
function laneOf(text: string, seed: number, by: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), by);
  return hash;
}

/** Murmur3's finaliser: each bit depends on all. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
