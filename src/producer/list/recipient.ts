/**
 * Judges a row: a recipient, or invalid and why. Duplicates and opt-outs are not its business.
 * The order of checks is fixed: what a row is counted as must not depend on chance.
 */
import { PhoneNumbers } from '../phone/number.ts';
import type { Row, RowFault } from './row.ts';

/** A row that passed: a number in E.164, and its values in the order of the params' names. */
export interface Recipient {
  readonly to: string;
  readonly values: string[];
}

export interface RecipientRules {
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  readonly country?: string | undefined;
  /** Whether an empty value is sent as it is. Default: false. */
  readonly allowEmpty?: boolean | undefined;
  /** Params with one value for all rows; they follow those of the row. */
  readonly constants?: Readonly<Record<string, string>> | undefined;
}

export class RecipientJudge {
  readonly #numbers: PhoneNumbers;
  readonly #allowEmpty: boolean;
  readonly #constants: readonly string[];

  /** Throws `VolleyError('bad_input')` for a country that does not exist. */
  constructor(rules: RecipientRules) {
    this.#numbers = new PhoneNumbers(rules.country);
    this.#allowEmpty = rules.allowEmpty ?? false;
    this.#constants = Object.values(rules.constants ?? {});
  }

  /** `names` are those of the row's values, for what is said about them. */
  judge(row: Row, names: readonly string[]): Recipient | RowFault {
    if (row.fault !== undefined) return row.fault;
    const to = this.#numbers.read(row.to);
    if (to === undefined) return { reason: 'bad_number', detail: this.#numbers.explain(row.to) };
    const { values } = row;
    if (!this.#allowEmpty) {
      for (let index = 0; index < values.length; index++) {
        if ((values[index] ?? '').trim() === '') return missing(names[index] ?? '');
      }
    }
    for (const constant of this.#constants) values.push(constant);
    return { to, values };
  }
}

function missing(name: string): RowFault {
  const detail = `expected the param ${JSON.stringify(name)}, got an empty value`;
  return { reason: 'missing_param', detail };
}
