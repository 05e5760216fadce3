/** Whether a list that was read to its end may be sent. */
import { VolleyError } from '../../shared/errors.ts';
import type { ListTotals } from './options.ts';

/** Share of invalid rows above which nothing is released. */
export const DEFAULT_MAX_INVALID = 0.1;

/** @throws VolleyError `bad_input` for too many invalid rows, or no recipient */
export function checkList(totals: Readonly<ListTotals>, maxInvalid: number): void {
  const { rows, invalid, recipients, reasons, firstInvalid } = totals;
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
