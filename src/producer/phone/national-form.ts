/**
 * A country's mobile numbers as people there write them: with or without what is dialled before them at home
 * (`0151 25060376`), but without the calling code. Patterns alone: nothing is left to the library here, for this is
 * asked of thousands of digits and every country.
 */
import type { Plan } from './plans.ts';
import { mobilesByLength } from './verdicts.ts';

export class NationalForm {
  readonly country: string;
  readonly callingCode: string;
  readonly #plan: Plan;
  readonly #lengths: ReadonlySet<number>;
  readonly #mobile: RegExp;
  readonly #whole: RegExp;
  readonly #prefix: RegExp | undefined;
  readonly #transform: string | undefined;
  #counts: readonly number[] | undefined;

  constructor(plan: Plan, country: string) {
    this.country = country;
    this.callingCode = plan.callingCode;
    this.#plan = plan;
    this.#lengths = new Set(plan.mobileLengths);
    // Where mobile numbers look like fixed lines, they have no pattern of their own.
    const mobile = plan.types.mobile?.pattern || plan.types.fixed?.pattern || '';
    this.#mobile = new RegExp(`^(?:${mobile})$`);
    this.#whole = new RegExp(`^(?:${plan.pattern})$`);
    this.#prefix =
      plan.nationalPrefix === undefined ? undefined : new RegExp(`^(?:${plan.nationalPrefix})`);
    this.#transform = plan.prefixTransform;
  }

  /** The mobile number behind the calling code, or undefined if these digits are none. */
  read(digits: string): string | undefined {
    if (this.#isMobile(digits)) return digits;
    const found = this.#prefix?.exec(digits);
    if (this.#prefix === undefined || !found || found[0] === '') return undefined;
    const isPutBack = found.length > 1 && found.at(-1) !== undefined;
    const rest =
      this.#transform !== undefined && isPutBack
        ? digits.replace(this.#prefix, this.#transform)
        : digits.slice(found[0].length);
    return this.#isMobile(rest) ? rest : undefined;
  }

  /** How many mobile numbers with so many digits the country has: the fewer, the more it says that these are such. */
  countOf(length: number): number {
    this.#counts ??= mobilesByLength(this.#plan);
    return this.#counts[length] ?? 0;
  }

  #isMobile(digits: string): boolean {
    return (
      this.#lengths.has(digits.length) && this.#mobile.test(digits) && this.#whole.test(digits)
    );
  }
}
