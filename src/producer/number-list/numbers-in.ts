/**
 * Finds the phone numbers in a cell as people fill it: one, several with anything between them, one with words around
 * it. What a single number is, `phone/` says; here is only where one begins and ends. In doubt a text is read in more
 * than one way, and each number counts: one too many on an opt-out list costs a text, one too few a person's trust.
 */
import { PhoneNumbers } from '../phone/number.ts';

/** What is written within a number: blanks, dots, brackets, dashes, strokes, and what nobody sees. No line end, no tab. */
const WITHIN = String.raw`[\p{Nd} \p{Zs}\p{Cf}\p{Pd}\p{M}.()/\u2212\uff0e\uff0f]`;
/** From a plus or a digit on, as long as it may still be one number, or several beside each other. */
const RUN = new RegExp(String.raw`[+＋(]{0,3}\p{Nd}(?:${WITHIN}|[+＋])*|[+＋](?:${WITHIN})*`, 'gu');
const PLUS = /[+＋]/u;
const BEFORE_PLUS = /(?=[+＋])/u;
const DIGIT = /\p{Nd}/u;
const DIGITS = /\p{Nd}/gu;
const STROKE = /[/\uff0f]/u;
const BLANK = /[ \p{Zs}]+/u;
/** Between groups of digits; a plus stays with what follows it. */
const BETWEEN_GROUPS = /[^\p{Nd}+＋]+/u;
/** A spreadsheet's marks that make a text of a number: `'+65…`, `="+65…"`; and quotes of any kind. */
const MARKS = /^[\s='"‘’“”`]+|[\s'"‘’“”`;,]+$/gu;
/** `6.59123E+09`: digits are lost, and those that are left are another number's. */
const SHORTENED = /(?<!\d)\d(?:[.,]\d+)?e\+?\d{1,2}(?!\d)/gi;
const LEAST = 7;
/** Digits without `+`, where nothing else says that they are a phone number. */
const LEAST_BARE = 8;
const MOST = 17;
/** In so many groups people write a number at most: `+33 6 12 34 56 78`, and one more. */
const MOST_GROUPS = 7;
/** A cell with more of what is no number is junk: then only digits that stand together are tried, as that costs less. */
const MOST_FAILURES = 200;
/** What is longer is no single number. */
const MOST_LETTERS = 64;
/** The shortest national numbers there are. */
const LEAST_LETTERS = 4;

export class NumbersIn {
  readonly #numbers: PhoneNumbers;
  readonly #least: number;
  /** Groups of the present cell that were tried in vain. */
  #failures = 0;

  /** @throws VolleyError `bad_input` for a country that does not exist */
  constructor(country: string | undefined) {
    // The laxest reader there is: of an opt-out nobody asks whether the number has been given out.
    this.#numbers = new PhoneNumbers(country, { numbers: 'possible', anyKind: true });
    this.#least = country === undefined ? LEAST_BARE : LEAST;
  }

  /** What is wrong with a cell without a number; no whole number in it. */
  explain(cell: string): string {
    return this.#numbers.explain(cell);
  }

  /** The number of a cell without blanks: a reader of one number would make one of two short ones. */
  asOne(cell: string): string | undefined {
    return /\s/.test(cell) ? undefined : this.#read(cell);
  }

  /**
   * Adds all numbers of a cell that is there for numbers.
   * @returns whether there are digits in it that are part of none
   */
  ofNumberCell(cell: string, found: Set<string>): boolean {
    const number = this.asOne(cell);
    if (number !== undefined) {
      found.add(number);
      return false;
    }
    this.#failures = 0;
    const rest = cell.replace(SHORTENED, ' ');
    let isLeft = rest !== cell;
    for (const [run] of rest.matchAll(RUN)) {
      for (const piece of run.split(BEFORE_PLUS)) isLeft = this.#ofPiece(piece, found) || isLeft;
    }
    return isLeft;
  }

  /** Adds the numbers that are written with their plus, wherever in a text. */
  withPlus(text: string, found: Set<string>): void {
    if (!text.includes('+') && !text.includes('＋')) return;
    this.#failures = 0;
    for (const [run] of text.matchAll(RUN)) {
      for (const piece of run.split(BEFORE_PLUS)) {
        if (!PLUS.test(piece)) continue;
        const groups = piece.split(BETWEEN_GROUPS).filter((group) => group !== '');
        const first = this.#read(piece) ?? this.#longest(groups, 0)?.number;
        if (first !== undefined) found.add(first);
      }
    }
  }

  /** The number that a cell is, as a whole, though nothing says that it is one. */
  asWhole(cell: string): string | undefined {
    const bare = cell
      .trim()
      .slice(0, MOST_LETTERS + 1)
      .replace(MARKS, '');
    if (bare.length > MOST_LETTERS) return undefined;
    return countDigits(bare) < this.#least ? undefined : this.#read(bare);
  }

  /** A run between two pluses. */
  #ofPiece(piece: string, found: Set<string>): boolean {
    if (!DIGIT.test(piece)) return false;
    const parts = piece.split(STROKE).filter((part) => DIGIT.test(part));
    if (parts.length < 2) return this.#ofPart(parts[0] ?? '', found);
    // `0171/1234567` is one number, `91234567/98765432` are two, and `030 1234567/68` may be either.
    const numbers = parts.map((part) => this.#read(part));
    const joined = numbers.includes(undefined) ? this.#read(parts.join(' ')) : undefined;
    if (joined === undefined) {
      return parts.map((part) => this.#ofPart(part, found)).includes(true);
    }
    for (const number of [...numbers, joined]) if (number !== undefined) found.add(number);
    return false;
  }

  #ofPart(part: string, found: Set<string>): boolean {
    const whole = this.#read(part);
    if (whole !== undefined) found.add(whole);
    const beside = this.#besideEachOther(part);
    for (const number of beside) found.add(number);
    if (whole !== undefined || beside.length > 0) return false;
    let isLeft = false;
    const groups = part.split(BETWEEN_GROUPS).filter((group) => group !== '');
    for (let at = 0; at < groups.length; ) {
      const longest = this.#longest(groups, at);
      if (longest === undefined) isLeft = true;
      else found.add(longest.number);
      at = longest?.end ?? at + 1;
    }
    return isLeft;
  }

  /** Two short national numbers are together as long as one may be: each that stands alone counts, where all do. */
  #besideEachOther(part: string): string[] {
    const groups = part.trim().split(BLANK);
    if (groups.length < 2 || groups.some((group) => countDigits(group) < LEAST)) return [];
    const numbers = groups.map((group) => this.#read(group)).filter((each) => each !== undefined);
    return numbers.length === groups.length ? numbers : [];
  }

  /** Of the groups of digits from one on as many as make a number. */
  #longest(groups: readonly string[], start: number): { number: string; end: number } | undefined {
    let end = start;
    const most = this.#failures < MOST_FAILURES ? MOST_GROUPS : 1;
    const last = Math.min(groups.length, start + most);
    for (let digits = 0; end < last; end++) {
      digits += countDigits(groups[end] ?? '');
      if (digits > MOST) break;
    }
    for (; end > start; end--) {
      const text = groups.slice(start, end).join(' ');
      const number = countDigits(text) < LEAST ? undefined : this.#read(text);
      if (number !== undefined) return { number, end };
      this.#failures += 1;
    }
    return undefined;
  }

  #read(text: string): string | undefined {
    const mayBe = text.length >= LEAST_LETTERS && text.length <= MOST_LETTERS;
    return mayBe ? this.#numbers.read(text) : undefined;
  }
}

function countDigits(text: string): number {
  return text.match(DIGITS)?.length ?? 0;
}
