/**
 * A graph over digits: from its root, digit by digit, to a node whose value says what the digits so far are. Equal
 * nodes are one node, so that a graph is as small as it can be, whatever it was made of.
 * It knows nothing of phone numbers: `patterns.ts` makes graphs of regular expressions, `verdicts.ts` combines them.
 */

/** A graph by itself. A node is ten numbers, the places of what each digit leads to, then its value. The root is at 0. */
export type FlatGraph = Int32Array;

/** Where in a node its value is. */
export const VALUE_AT = 10;
const STRIDE = 11;
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
/** More nodes than any graph comes to. */
const PAIRS = 2 ** 24;

export class DigitGraphs {
  /** All nodes that were ever made; a node is known by its index. */
  #cells = new Int32Array(STRIDE * 1024);
  #count = 0;
  /** Nodes by the hash of what they hold, -1 where there is none. At most half full. */
  #slots = new Int32Array(2048).fill(-1);
  readonly #constants = new Map<number, number>();
  /** The value 0 whatever the digits are. */
  readonly nothing: number;
  /** 1 for no digit at all. */
  readonly end: number;

  constructor() {
    this.nothing = this.always(0);
    this.end = this.node(1, () => this.nothing);
  }

  /** The same value whatever the digits are, and however many: such a node leads to itself. */
  always(value: number): number {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const id = this.#reserve();
    this.#cells.fill(id, id * STRIDE, id * STRIDE + VALUE_AT);
    this.#cells[id * STRIDE + VALUE_AT] = value;
    this.#count += 1;
    this.#constants.set(value, id);
    return id;
  }

  node(value: number, next: (digit: number) => number): number {
    const nodes = DIGITS.map(next);
    const constant = this.always(value);
    if (nodes.every((each) => each === constant)) return constant;
    const id = this.#reserve();
    const at = id * STRIDE;
    this.#cells.set(nodes, at);
    this.#cells[at + VALUE_AT] = value;
    const slot = this.#slotOf(at);
    const known = this.#slots[slot] ?? -1;
    if (known >= 0) return known;
    this.#slots[slot] = id;
    this.#count += 1;
    return id;
  }

  valueOf(id: number): number {
    return this.#cells[id * STRIDE + VALUE_AT] ?? 0;
  }

  /** For all digits, what `join` makes of the values that both graphs have for them. */
  join(first: number, second: number, join: (one: number, other: number) => number): number {
    const known = new Map<number, number>();
    const joined = (one: number, other: number): number => {
      const key = one * PAIRS + other;
      const before = known.get(key);
      if (before !== undefined) return before;
      const value = join(this.valueOf(one), this.valueOf(other));
      const id =
        this.#isConstant(one) && this.#isConstant(other)
          ? this.always(value)
          : this.node(value, (digit) => joined(this.#next(one, digit), this.#next(other, digit)));
      known.set(key, id);
      return id;
    };
    return joined(first, second);
  }

  /** Replaces every value. */
  map(id: number, change: (value: number) => number): number {
    return this.join(id, this.nothing, change);
  }

  /** Where a value is not 0, it stays for whatever follows: what begins so. The empty beginning is none. */
  beginning(id: number): number {
    if (this.#isConstant(id)) return id;
    const known = new Map<number, number>();
    const begun = (each: number): number => {
      const before = known.get(each);
      if (before !== undefined) return before;
      const value = this.valueOf(each);
      const found =
        value !== 0 || this.#isConstant(each)
          ? this.always(value)
          : this.node(0, (digit) => begun(this.#next(each, digit)));
      known.set(each, found);
      return found;
    };
    return this.node(0, (digit) => begun(this.#next(id, digit)));
  }

  /** 1 for as many digits as one of these, whatever they are. */
  ofLengths(lengths: readonly number[]): number {
    let id = this.nothing;
    for (let length = Math.max(...lengths); length >= 0; length--) {
      const rest = id;
      id = this.node(lengths.includes(length) ? 1 : 0, () => rest);
    }
    return id;
  }

  flatten(root: number): FlatGraph {
    const places = new Map([[root, 0]]);
    const order = [root];
    const cells: number[] = [];
    for (const id of order) {
      for (const digit of DIGITS) {
        const next = this.#next(id, digit);
        const place = places.get(next) ?? (order.push(next) - 1) * STRIDE;
        places.set(next, place);
        cells.push(place);
      }
      cells.push(this.valueOf(id));
    }
    return Int32Array.from(cells);
  }

  #next(id: number, digit: number): number {
    return this.#cells[id * STRIDE + digit] ?? 0;
  }

  #isConstant(id: number): boolean {
    return this.#next(id, 0) === id;
  }

  /** Room for one node more, and its index. */
  #reserve(): number {
    if ((this.#count + 1) * STRIDE > this.#cells.length) {
      const cells = new Int32Array(this.#cells.length * 2);
      cells.set(this.#cells);
      this.#cells = cells;
      this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
      for (let id = 0; id < this.#count; id++) {
        if (!this.#isConstant(id)) this.#slots[this.#slotOf(id * STRIDE)] = id;
      }
    }
    return this.#count;
  }

  /** The slot of the node that holds the same as the cells there, or the free one where it belongs. */
  #slotOf(at: number): number {
    const cells = this.#cells;
    const mask = this.#slots.length - 1;
    let hash = 0;
    for (let cell = at; cell < at + STRIDE; cell++) {
      hash = Math.imul(hash ^ (cells[cell] ?? 0), 0x01000193);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0 || this.#isSame(id * STRIDE, at)) return slot;
    }
  }

  #isSame(one: number, other: number): boolean {
    for (let cell = 0; cell < STRIDE; cell++) {
      if (this.#cells[one + cell] !== this.#cells[other + cell]) return false;
    }
    return true;
  }
}
