/** Whether a list that was read to its end may be sent. */
import { VolleyError } from '../../shared/errors.ts';
import type { NationalFit } from '../phone/national-forms.ts';
import type { ListTotals } from './options.ts';

/** Share of invalid rows above which nothing is released. */
export const DEFAULT_MAX_INVALID = 0.1;

/** Share of the numbers without `+` that must fit a country's own numbers better, for nobody to guess any more. */
export const MOST_NATIONAL = 0.2;

/** @throws VolleyError `bad_input` for national numbers without a country, too many invalid rows, or no recipient */
export function checkList(totals: Readonly<ListTotals>, maxInvalid: number): void {
  const { rows, invalid, recipients, reasons, firstInvalid, national } = totals;
  // First of all: it is also why so many are invalid.
  if (national !== undefined && isNational(national)) {
    throw new VolleyError(
      'bad_input',
      `${nationalWords(national)}. Nothing was sent; give --country ${national.country} if that is right, ` +
        "or --international if the numbers begin with their country's code",
    );
  }
  const [first] = firstInvalid;
  const example = first ? `; the first: line ${first.line}, ${first.detail}` : '';
  if (invalid > maxInvalid * rows) {
    const words = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
    throw new VolleyError(
      'bad_input',
      `${invalid} of ${rows} rows are invalid (${words.join(', ')}), expected at most ` +
        `${maxInvalid * 100} %${example}. Nothing was sent; mend the list, or raise --max-invalid`,
    );
  }
  if (recipients === 0) {
    throw new VolleyError(
      'bad_input',
      `expected at least one recipient, got none in ${rows} rows${example}`,
    );
  }
}

/** Whether so many numbers fit a country's own better that the list may not be sent without one. */
export function isNational({ sample, asRead, asNational }: NationalFit): boolean {
  return asNational - asRead > MOST_NATIONAL * sample;
}

/** What a list without `+` fits, with a number of it, whole: whoever has the list has to recognise it. */
export function nationalWords(fit: NationalFit): string {
  const { sample, asRead, asNational, country, others, example } = fit;
  const also = others.length > 0 ? ` (or ${others.join(', ')})` : '';
  return (
    `of ${sample} numbers without +, ${asRead} are mobile numbers as they were read, ` +
    `${asNational} are if they are of ${country}${also}: ${example}`
  );
}
