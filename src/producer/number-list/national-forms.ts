/**
 * Whether digits without `+` fit one country's national form better than as they were read: what a list of numbers
 * asks. It is answered in `phone/`.
 */

/** Takes the digits of a list, and says at its end what they look like. */
export interface NationalForms {
  /** @param digits a cell without `+`, as it was written */
  take(digits: string): void;
  /** Undefined where they are best read as they were. */
  verdict(): NationalVerdict | undefined;
}

export interface NationalVerdict {
  /** ISO 3166 code of the country that they fit better. */
  readonly country: string;
  /** What was seen, without a whole number, and without what to do about it. */
  readonly words: string;
}

/** Makes one for a list; undefined while there is nobody to ask. */
export const newNationalForms: (() => NationalForms) | undefined = undefined;
