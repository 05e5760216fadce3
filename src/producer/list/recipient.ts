/**
 * Judges a row: a recipient, or invalid and why. Duplicates and opt-outs are not its business.
 * The order of checks is fixed: what a row is counted as must not depend on chance.
 */
import { type NationalFit, NationalForms } from '../phone/national-forms.ts';
import { PhoneNumbers } from '../phone/number.ts';
import type { Row, RowFault } from './row.ts';

/** A row that passed: a number in E.164, and its values in the order of the params' names. */
export interface Recipient {
  readonly to: string;
  readonly values: string[];
  /** Where the number is, and of which kind: an index of `places`. */
  readonly place: number;
}

export interface RecipientRules {
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  readonly country?: string | undefined;
  /** Whether digits without `+` are international for sure. Default: nobody has said so. */
  readonly international?: boolean | undefined;
  /** Whether a number must be one that its country has given out, or only of a possible length. Default: `valid`. */
  readonly numbers?: 'valid' | 'possible' | undefined;
  /** Whether also what cannot be texted is a number. Default: false. */
  readonly anyKind?: boolean | undefined;
  /** Whether an empty value is sent as it is. Default: false. */
  readonly allowEmpty?: boolean | undefined;
  /** Params with one value for all rows; they follow those of the row. */
  readonly constants?: Readonly<Record<string, string>> | undefined;
}

/** For lists of those who are not to be texted: whatever can be read as a number counts. */
export const ANY_NUMBER = { international: true, numbers: 'possible', anyKind: true } as const;

export class RecipientJudge {
  readonly #numbers: PhoneNumbers;
  /** Where nobody has said what digits without `+` are. */
  readonly #forms: NationalForms | undefined;
  readonly #allowEmpty: boolean;
  readonly #constants: readonly string[];

  /** Throws `VolleyError('bad_input')` for a country that does not exist. */
  constructor(rules: RecipientRules) {
    const isSaid = rules.country !== undefined || rules.international === true;
    this.#forms = isSaid ? undefined : new NationalForms();
    const { numbers, anyKind } = rules;
    this.#numbers = new PhoneNumbers(rules.country, { numbers, anyKind, forms: this.#forms });
    this.#allowEmpty = rules.allowEmpty ?? false;
    this.#constants = Object.values(rules.constants ?? {});
  }

  /** `names` are those of the row's values, for what is said about them. */
  judge(row: Row, names: readonly string[]): Recipient | RowFault {
    if (row.fault !== undefined) return row.fault;
    const to = this.#numbers.read(row.to);
    if (to === undefined) return this.#numbers.fault(row.to);
    const { place } = this.#numbers;
    const { values } = row;
    if (!this.#allowEmpty) {
      for (let index = 0; index < values.length; index++) {
        if ((values[index] ?? '').trim() === '') return missing(names[index] ?? '');
      }
    }
    for (const constant of this.#constants) values.push(constant);
    return { to, values, place };
  }

  /** Rows so far whose number was written without `+`, where nobody has said what such a number is. */
  get withoutPlus(): number {
    return this.#forms?.count ?? 0;
  }

  /** The country whose national numbers these would rather be. */
  nationalFit(): NationalFit | undefined {
    return this.#forms?.verdict();
  }
}

function missing(name: string): RowFault {
  const detail = `expected the param ${JSON.stringify(name)}, got an empty value`;
  return { reason: 'missing_param', detail };
}
