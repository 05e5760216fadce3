/**
 * How often each number was texted, and with what the last time. Decides nothing. A hash table of
 * our own: a number takes some 40 bytes beside its params' text, in a `Map` by string some 100.
 */
import { Names } from './names.ts';
import { numberKey, numberText } from './number.ts';

export interface Text {
  readonly to: string;
  readonly count: number;
  readonly template: string;
  readonly params: unknown;
  /** Whether template or params ever differed from one text to the next. */
  readonly changed: boolean;
}

const FIRST_CAPACITY = 1024;

export class Texts {
  total = 0;
  /**
   * The numbers, in the order in which they were first texted, and beside each what is known of
   * it.
   */
  size = 0;
  most = 0;
  again = 0;
  changed = 0;
  #numbers = new Float64Array(FIRST_CAPACITY);
  #counts = new Uint32Array(FIRST_CAPACITY);
  #templates = new Uint32Array(FIRST_CAPACITY);
  #changed = new Uint8Array(FIRST_CAPACITY);
  #params: string[] = [];
  /** Open addressing, at most half full: position + 1 of a number, 0 where free. */
  #slots = new Uint32Array(2 * FIRST_CAPACITY);
  #shift = 32 - Math.log2(2 * FIRST_CAPACITY);
  #templateNames = new Names();

  /** Counts one text to each of the first `count` numbers. `params` is JSON. */
  add(keys: readonly number[], count: number, template: string, params: string): void {
    const templateIndex = this.#templateNames.indexOf(template);
    for (let each = 0; each < count; each += 1) {
      const at = this.#find(keys[each] ?? 0);
      const texted = (this.#counts[at] ?? 0) + 1;
      this.#counts[at] = texted;
      if (texted > this.most) this.most = texted;
      if (texted === 2) this.again += 1;
      if (texted > 1 && this.#changed[at] === 0 && this.#differs(at, templateIndex, params)) {
        this.#changed[at] = 1;
        this.changed += 1;
      }
      this.#templates[at] = templateIndex;
      this.#params[at] = params;
    }
    this.total += count;
  }

  of(number: string): Text | undefined {
    const slot = this.#slots[this.#slotOf(numberKey(number))] ?? 0;
    return slot === 0 ? undefined : this.#at(slot - 1);
  }

  /** Numbers that are first texted while this runs are included. */
  *[Symbol.iterator](): Generator<Text> {
    for (let at = 0; at < this.size; at += 1) yield this.#at(at);
  }

  #at(at: number): Text {
    return {
      to: numberText(this.#numbers[at] ?? 0),
      count: this.#counts[at] ?? 0,
      template: this.#templateNames.at(this.#templates[at]),
      params: JSON.parse(this.#params[at] ?? '{}'),
      changed: this.#changed[at] === 1,
    };
  }

  #differs(at: number, templateIndex: number, params: string): boolean {
    if (this.#templates[at] !== templateIndex) return true;
    const before = this.#params[at] ?? '{}';
    return before !== params && sorted(before) !== sorted(params);
  }

  /** The position of a number, which is added if it is new. */
  #find(key: number): number {
    const slot = this.#slotOf(key);
    const known = this.#slots[slot] ?? 0;
    if (known !== 0) return known - 1;
    if (this.size === this.#numbers.length) {
      this.#grow();
      return this.#find(key);
    }
    const at = this.size;
    this.#numbers[at] = key;
    this.#slots[slot] = at + 1;
    this.size += 1;
    return at;
  }

  #slotOf(key: number): number {
    const mask = this.#slots.length - 1;
    const hash = Math.imul((key | 0) ^ Math.floor(key / 4_294_967_296), 0x9e3779b1);
    for (let slot = hash >>> this.#shift; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] ?? 0;
      if (known === 0 || this.#numbers[known - 1] === key) return slot;
    }
  }

  #grow(): void {
    const capacity = 2 * this.#numbers.length;
    this.#numbers = extended(this.#numbers, new Float64Array(capacity));
    this.#counts = extended(this.#counts, new Uint32Array(capacity));
    this.#templates = extended(this.#templates, new Uint32Array(capacity));
    this.#changed = extended(this.#changed, new Uint8Array(capacity));
    this.#slots = new Uint32Array(2 * capacity);
    this.#shift -= 1;
    for (let at = 0; at < this.size; at += 1) {
      this.#slots[this.#slotOf(this.#numbers[at] ?? 0)] = at + 1;
    }
  }
}

function extended<A extends { set(from: ArrayLike<number>): void } & ArrayLike<number>>(
  from: A,
  into: A,
): A {
  into.set(from);
  return into;
}

/** Params that differ only in the order of their names are the same. */
function sorted(params: string): string {
  const names = Object.entries(JSON.parse(params)).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(names);
}
