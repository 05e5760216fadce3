/**
 * Whether digits without `+` fit one country's national form better than as they were read: asked of a list of numbers
 * by the same judgement as of a list to be sent (`phone/national-forms.ts`).
 */
import { isNational, nationalWords } from '../list/check.ts';
import { NationalForms } from '../phone/national-forms.ts';
import { digitsOf } from '../phone/written.ts';

export interface NationalVerdict {
  /** ISO 3166 code of the country that they fit better. */
  readonly country: string;
  /** What was seen, without what to do about it. One number in it is whole. */
  readonly words: string;
}

/** Takes the cells of a list, and says at its end what they look like. */
export class ListForms {
  readonly #forms = new NationalForms();

  /** @param cell without `+`, as it was written */
  take(cell: string): void {
    const digits = digitsOf(cell);
    if (digits !== undefined && !digits.startsWith('00')) this.#forms.take(digits);
  }

  /** Undefined where they are best read as they were. */
  verdict(): NationalVerdict | undefined {
    const fit = this.#forms.verdict();
    if (fit === undefined || !isNational(fit)) return undefined;
    return { country: fit.country, words: nationalWords(fit) };
  }
}
