/**
 * The distinct numbers of a list, exactly: no false positives, none forgotten. A number in E.164 is
 * at most 15 digits and so an exact double: 8 bytes a slot. So is whatever else is a whole number
 * below 2^53. The table is cut into pages by the top
 * bits of the hash; a page that is full splits in two, in place, while all others stay as they are.
 * So growing needs no second copy of the table (which would be 24 bytes and more a number at the
 * peak), leaves nothing to collect, and never stops the event loop for the whole table.
 */

const PAGE_SLOTS = 4096;
/**
 * A page splits when it is 4/5 full. Its halves are then 2/5 full: 20 bytes a number, the most it
 * takes.
 */
const MAX_PAGE_NUMBERS = Math.floor(PAGE_SLOTS * 0.8);
/** Of the hash's 32 bits 12 choose the slot, and at most so many the page. */
const MAX_DEPTH = 20;

interface Page {
  readonly slots: Float64Array<ArrayBuffer>;
  count: number;
  /** How many top bits of the hash all numbers in this page share. */
  depth: number;
}

export class NumberSet {
  #depth = 0;
  #pages: Page[] = [emptyPage(0)];
  #size = 0;
  /** Holds the numbers of the page that splits. */
  readonly #scratch = new Float64Array(PAGE_SLOTS);

  /** How many distinct numbers are in it. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of all pages. */
  get byteLength(): number {
    return (new Set(this.#pages).size + 1) * PAGE_SLOTS * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Adds a number in E.164, and says whether it was not in it before. */
  add(number: string): boolean {
    return this.addValue(digitsOf(number));
  }

  /** The same for a whole number from 1 to 2^53 − 1. */
  addValue(value: number): boolean {
    const hash = hashOf(value);
    let page = this.#pageOf(hash);
    let slot = slotOf(page, hash, value);
    if (page.slots[slot] === value) return false;
    while (page.count >= MAX_PAGE_NUMBERS && page.depth < MAX_DEPTH) {
      this.#split(page, hash);
      page = this.#pageOf(hash);
      slot = slotOf(page, hash, value);
    }
    page.slots[slot] = value;
    page.count += 1;
    this.#size += 1;
    return true;
  }

  has(number: string): boolean {
    return this.hasValue(digitsOf(number));
  }

  hasValue(value: number): boolean {
    const hash = hashOf(value);
    const page = this.#pageOf(hash);
    return page.slots[slotOf(page, hash, value)] === value;
  }

  #pageOf(hash: number): Page {
    // `>>> 32` would shift by 0.
    const index = this.#depth === 0 ? 0 : hash >>> (32 - this.#depth);
    return pageAt(this.#pages, index);
  }

  #split(page: Page, hash: number): void {
    if (page.depth === this.#depth) {
      this.#pages = this.#pages.flatMap((known) => [known, known]);
      this.#depth += 1;
    }
    this.#scratch.set(page.slots);
    page.slots.fill(0);
    page.count = 0;
    page.depth += 1;
    const sibling = emptyPage(page.depth);
    // The pages' shared bits, and the run of entries in the directory that begins with them.
    const run = 1 << (this.#depth - page.depth);
    const first = ((hash >>> (32 - this.#depth)) & ~(2 * run - 1)) >>> 0;
    for (let index = first + run; index < first + 2 * run; index++) this.#pages[index] = sibling;
    for (const value of this.#scratch) {
      if (value === 0) continue;
      const itsHash = hashOf(value);
      const itsPage = this.#pageOf(itsHash);
      itsPage.slots[slotOf(itsPage, itsHash, value)] = value;
      itsPage.count += 1;
    }
  }
}

function emptyPage(depth: number): Page {
  return { slots: new Float64Array(PAGE_SLOTS), count: 0, depth };
}

function pageAt(pages: readonly Page[], index: number): Page {
  const page = pages[index];
  if (page === undefined) throw new RangeError(`no page ${index} of ${pages.length}`);
  return page;
}

/**
 * The slot that holds the value, or the free one where it belongs. 0, no number, marks a free slot.
 */
function slotOf(page: Page, hash: number, value: number): number {
  const { slots } = page;
  let slot = hash & (PAGE_SLOTS - 1);
  for (;;) {
    const found = slots[slot];
    if (found === value || found === 0) return slot;
    slot = (slot + 1) & (PAGE_SLOTS - 1);
  }
}

/** `+6591234567` → 6591234567. */
function digitsOf(number: string): number {
  let value = 0;
  for (let index = 1; index < number.length; index++) {
    value = value * 10 + number.charCodeAt(index) - 48;
  }
  return value;
}

/**
 * 32 well-mixed bits (murmur3's finaliser): neighbouring numbers must not fall into neighbouring
 * pages.
 */
function hashOf(value: number): number {
  let hash = (value | 0) ^ Math.imul((value / 4294967296) | 0, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
