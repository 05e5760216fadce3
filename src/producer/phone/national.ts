/**
 * The fast path for digits without `+` where a country was given: national numbers, with or without what is dialled
 * before them (`091234567`), and international ones that lack their `+`. It never refuses: what it is not sure of is
 * for the library. It takes the library's own steps (calling code, national prefix, lengths), and leaves every
 * step that depends on more than these to it.
 */
import type { Plan } from './plans.ts';
import { INVALID, judgeDigits } from './verdicts.ts';

const DIGITS = /^\d{4,16}$/;

export class NationalNumbers {
  /** Where the number is that was read last: an index of `places`. */
  place = INVALID;
  readonly #callingCode: string;
  readonly #lengths: readonly number[];
  readonly #longest: number;
  readonly #abroad: RegExp;
  readonly #prefix: RegExp | undefined;
  readonly #pattern: RegExp;

  constructor(plan: Plan) {
    this.#callingCode = plan.callingCode;
    this.#lengths = plan.lengths;
    this.#longest = Math.max(...plan.lengths);
    this.#abroad = new RegExp(`^(?:${plan.iddPrefix ?? '00'})`);
    this.#prefix =
      plan.nationalPrefix === undefined ? undefined : new RegExp(`^(?:${plan.nationalPrefix})`);
    this.#pattern = new RegExp(`^(?:${plan.pattern})$`);
  }

  /** The number in E.164 if `digits` are surely a valid one of this country; else undefined. */
  read(digits: string): string | undefined {
    if (!DIGITS.test(digits) || this.#abroad.test(digits)) return undefined;
    const prefix = this.#prefix?.exec(digits);
    const rest = prefix ? this.#without(prefix, digits) : digits;
    if (rest === undefined) return undefined;
    if (!digits.startsWith(this.#callingCode)) {
      const number = `+${this.#callingCode}${rest}`;
      this.place = judgeDigits(number, 1, true);
      return this.place < 0 ? undefined : number;
    }
    // Too long for a national number, so the library takes the calling code off; or it is also the national prefix,
    // and then it is taken off as the one or the other.
    const isInternational = prefix
      ? prefix[0] === this.#callingCode
      : digits.length > this.#longest;
    if (!isInternational) return undefined;
    this.place = judgeDigits(digits, 0, false);
    return this.place < 0 ? undefined : `+${digits}`;
  }

  /** What follows the national prefix, where the library would take it off; undefined where that is not sure. */
  #without(prefix: RegExpExecArray, digits: string): string | undefined {
    // A group that took part is a carrier's code, or something that is put back in another form.
    if (prefix.slice(1).some((group) => group !== undefined)) return undefined;
    // It may be a number of its own that happens to begin like that.
    if (this.#pattern.test(digits)) return undefined;
    const rest = digits.slice(prefix[0].length);
    return this.#lengths.includes(rest.length) ? rest : undefined;
  }
}
