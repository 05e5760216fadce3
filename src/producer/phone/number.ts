/**
 * Reads a cell as a phone number in E.164, and explains why it is none.
 *
 * A number counts that is **possible** for a known country (its length, by the library's metadata), and either as
 * long as a mobile number of that country or listed there as a valid number. Why not valid ones alone: the
 * listed ranges lag behind what regulators hand out, and a real customer refused in silence is worse than
 * a typo that EngageLab answers with an error. Why not any possible length: many plans allow
 * several lengths for toll-free or service numbers only, so that a mobile number with a digit
 * too many would pass (Singapore: 8 for subscribers; 10 and 11 for toll-free).
 */
import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { VolleyError } from '../../shared/errors.ts';
import { E164 } from '../../shared/phone.ts';
import { fastE164 } from './fast-path.ts';
import { NationalNumbers } from './national.ts';
import { planOf } from './plans.ts';

/** Marks of writing direction, zero-width spaces and soft hyphens: they come along when a number is copied. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const SEPARATORS = /[\s.()\-\u2010-\u2015\u2212]/g;
const DIALLED = /^(?:\+|00)?\d+$/;
/** `6591234567.0`: the dot is no separator, and taking it for one would make another number of it. */
const DECIMAL = /^\+?\d{4,}\.\d{1,2}$/;
const SHORTENED = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
/** No example: a number in every message would look like somebody's. */
const EXPECTED = 'expected a phone number in E.164';

export class PhoneNumbers {
  readonly #country: CountryCode | undefined;
  /** Whether `00` is what this country dials for abroad; elsewhere it could mean another number. */
  readonly #doubleZero: boolean;
  readonly #callingCode: string | undefined;
  readonly #nationals: NationalNumbers | undefined;

  /** @param country whose national numbers are understood; without it, digits are international. */
  constructor(country?: string) {
    this.#country = country === undefined ? undefined : countryFrom(country);
    const plan = this.#country === undefined ? undefined : planOf(this.#country, '');
    this.#callingCode = plan?.callingCode;
    this.#nationals = plan === undefined ? undefined : new NationalNumbers(plan);
    this.#doubleZero =
      plan === undefined || new RegExp(`^(?:${plan.iddPrefix ?? '00'})$`).test('00');
  }

  /** The number in E.164, or undefined if the cell holds none. */
  read(cell: string): string | undefined {
    const bare = this.#country === undefined;
    return fastE164(cell, bare) ?? this.#readWithCare(cell, bare);
  }

  /** What is wrong with a cell that `read` refuses. No more of a number is shown than `maskPhone` does. */
  explain(cell: string): string {
    const text = cell.trim();
    if (text === '') return 'no number';
    const got = `got ${JSON.stringify(maskDigits(text))}`;
    if (SHORTENED.test(text) || DECIMAL.test(text)) {
      return `${EXPECTED}, ${got}: a spreadsheet took it for a quantity; format the column as text and export again`;
    }
    if (text.startsWith('=') || text.startsWith("'")) {
      return `${EXPECTED}, ${got}: a formula or a text mark of a spreadsheet; export the values`;
    }
    const digits = plain(text);
    if (digits === undefined) return `${EXPECTED}, ${got}`;
    if (this.#country === undefined) {
      const national = /^0(?!0)/.test(digits);
      const why = national ? 'a number without its country' : 'no number of a known country';
      return `${EXPECTED}, ${got}: ${why}`;
    }
    if (digits.startsWith('00') && !this.#doubleZero) {
      return `${EXPECTED}, ${got}: 00 is not dialled in ${this.#country}, write + instead`;
    }
    return `expected a number of ${this.#country}, or + and a country's code, ${got}`;
  }

  #readWithCare(cell: string, bare: boolean): string | undefined {
    const digits = plain(cell);
    if (digits === undefined) return undefined;
    if (digits.startsWith('+')) return international(digits);
    if (digits.startsWith('00')) {
      return this.#doubleZero ? international(`+${digits.slice(2)}`) : undefined;
    }
    return bare ? international(`+${digits}`) : this.#national(digits);
  }

  #national(digits: string): string | undefined {
    const fast = this.#nationals?.read(digits);
    if (fast !== undefined || this.#country === undefined) return fast;
    const options = { defaultCountry: this.#country, extract: false };
    const number = parsePhoneNumberFromString(digits, options);
    // The library also reads `011 65…` as a call from the US to Singapore; abroad takes a `+` here.
    if (number?.countryCallingCode !== this.#callingCode) return undefined;
    return accepted(number);
  }
}

/** `+` and digits, or digits alone, without what people write between them; undefined if anything else is left. */
function plain(cell: string): string | undefined {
  // Control characters are below, all other scripts' digits above these.
  const ascii = /^[ -~]*$/.test(cell) ? cell : toAscii(cell);
  const text = ascii.trim();
  if (DECIMAL.test(text)) return undefined;
  const digits = text.replace(SEPARATORS, '');
  return DIALLED.test(digits) ? digits : undefined;
}

/** Full-width and Arabic digits are digits. */
function toAscii(cell: string): string {
  return cell
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0));
}

function international(number: string): string | undefined {
  const fast = fastE164(number, false);
  if (fast !== undefined) return fast;
  return accepted(parsePhoneNumberFromString(number, { extract: false }));
}

type Parsed = ReturnType<typeof parsePhoneNumberFromString>;

/** The library's verdict, with the rule above. */
export function accepted(number: Parsed): string | undefined {
  if (number === undefined || !E164.test(number.number) || !number.isPossible()) return undefined;
  const plan = planOf(number.country, number.countryCallingCode);
  const mobile = plan?.mobileLengths.includes(number.nationalNumber.length) ?? false;
  return mobile || number.isValid() ? number.number : undefined;
}

function countryFrom(country: string): CountryCode {
  const code = country.toUpperCase();
  if (isSupportedCountry(code)) return code;
  throw new VolleyError(
    'bad_input',
    `country: expected an ISO 3166 code such as SG, got ${JSON.stringify(country)}`,
  );
}

/** At most 24 characters, with the digits between the first two and the last four hidden. */
function maskDigits(text: string): string {
  const digits = text.replace(/\P{Nd}/gu, '').length;
  let seen = 0;
  const masked = text.replace(/\p{Nd}/gu, (digit) => {
    seen += 1;
    return seen <= 2 || (digits >= 7 && seen > digits - 4) ? digit : '*';
  });
  return masked.length > 24 ? `${masked.slice(0, 24)}…` : masked;
}
