/**
 * Judges a row: a recipient, or invalid and why. Values are cleaned here, for all kinds of lists, and fallbacks put in
 * their places. Duplicates and opt-outs are not its business.
 * The order of checks is fixed: what a row is counted as must not depend on chance.
 */
import { VolleyError } from '../../shared/errors.ts';
import { type NationalFit, NationalForms } from '../phone/national-forms.ts';
import { PhoneNumbers } from '../phone/number.ts';
import type { Row, RowFault } from '../rows/row.ts';
import {
  cleaned,
  isPlain,
  isSpreadsheetError,
  PLACEHOLDERS,
  type Placeholder,
  placeholderIn,
} from '../rows/values.ts';

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
  /** Whether an empty value is sent as it is. Default: false. */
  readonly allowEmpty?: boolean | undefined;
  /** What stands for an empty value, by the param's name. Default: none. */
  readonly fallbacks?: Readonly<Record<string, string>> | undefined;
  /** Params with one value for all rows; they follow those of the row. */
  readonly constants?: Readonly<Record<string, string>> | undefined;
}

/** What there is to tell of rows that passed: how many rows, by what is in them. */
export interface Noticed {
  placeholders: Partial<Record<Placeholder, number>>;
  fallbacks: number;
}

export function addNoticed(total: Noticed, more: Readonly<Noticed>): void {
  total.fallbacks += more.fallbacks;
  for (const word of PLACEHOLDERS) {
    const rows = more.placeholders[word];
    if (rows !== undefined) total.placeholders[word] = (total.placeholders[word] ?? 0) + rows;
  }
}

/** Above the bits of the placeholders. */
const FALLBACK = 1 << PLACEHOLDERS.length;

export class RecipientJudge {
  readonly #numbers: PhoneNumbers;
  /** Where nobody has said what digits without `+` are. */
  readonly #forms: NationalForms | undefined;
  readonly #allowEmpty: boolean;
  readonly #fallbacks: ReadonlyMap<string, string>;
  readonly #constants: readonly string[];
  #placeholders: Partial<Record<Placeholder, number>> = {};
  #fallbackRows = 0;

  /** Throws `VolleyError('bad_input')` for a country that does not exist, or an empty fallback. */
  constructor(rules: RecipientRules) {
    const isSaid = rules.country !== undefined || rules.international === true;
    this.#forms = isSaid ? undefined : new NationalForms();
    const { numbers } = rules;
    this.#numbers = new PhoneNumbers(rules.country, { numbers, forms: this.#forms });
    this.#allowEmpty = rules.allowEmpty ?? false;
    this.#fallbacks = new Map(Object.entries(rules.fallbacks ?? {}));
    this.#constants = Object.values(rules.constants ?? {});
    for (const [name, value] of this.#fallbacks) {
      if (!this.#allowEmpty && cleaned(value) === '') refuseEmpty(name);
    }
  }

  /** `names` are those of the row's values, for what is said about them. */
  judge(row: Row, names: readonly string[]): Recipient | RowFault {
    if (row.fault !== undefined) return row.fault;
    const to = this.#numbers.read(row.to);
    if (to === undefined) return this.#badNumber(row.to);
    const { place } = this.#numbers;
    const { values } = row;
    let noticed = 0;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? '';
      if (isPlain(value)) continue;
      const found = this.#look(value, index, values, names[index] ?? '');
      if (typeof found !== 'number') return found;
      noticed |= found;
    }
    if (noticed !== 0) this.#notice(noticed);
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

  /** What was noticed since this was last asked for. */
  takeNoticed(): Readonly<Noticed> {
    const noticed = { placeholders: this.#placeholders, fallbacks: this.#fallbackRows };
    this.#placeholders = {};
    this.#fallbackRows = 0;
    return noticed;
  }

  /** The cell is named by the reason: an error of a spreadsheet here is a bad number before it is a broken value. */
  #badNumber(cell: string): RowFault {
    const text = cleaned(cell);
    if (!isSpreadsheetError(text)) return this.#numbers.fault(cell);
    const detail = `expected a phone number in E.164, got ${text}: a spreadsheet's error`;
    return { reason: 'bad_number', detail };
  }

  /** Puts what is sent in the place of a value. @returns what is to be noticed of it as bits, or why it cannot be sent */
  #look(value: string, index: number, values: string[], name: string): number | RowFault {
    const text = cleaned(value);
    values[index] = text;
    if (text === '') {
      const fallback = this.#fallbacks.get(name);
      if (fallback === undefined) return this.#allowEmpty ? 0 : missing(name);
      values[index] = fallback;
      return FALLBACK;
    }
    if (isSpreadsheetError(text)) return broken(name, text);
    const placeholder = placeholderIn(text);
    return placeholder === -1 ? 0 : 1 << placeholder;
  }

  #notice(noticed: number): void {
    if ((noticed & FALLBACK) !== 0) this.#fallbackRows += 1;
    for (const [index, word] of PLACEHOLDERS.entries()) {
      if ((noticed & (1 << index)) === 0) continue;
      this.#placeholders[word] = (this.#placeholders[word] ?? 0) + 1;
    }
  }
}

function refuseEmpty(name: string): never {
  throw new VolleyError(
    'bad_input',
    `fallback ${JSON.stringify(name)}: expected a value, got an empty one; empty values take --allow-empty`,
  );
}

function missing(name: string): RowFault {
  const detail = `expected the param ${JSON.stringify(name)}, got an empty value`;
  return { reason: 'missing_param', detail };
}

function broken(name: string, text: string): RowFault {
  const detail = `expected the param ${JSON.stringify(name)}, got ${text}: a spreadsheet's error`;
  return { reason: 'broken_value', detail };
}
