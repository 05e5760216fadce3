/**
 * Reads a cell as a phone number in E.164, and explains why it is none.
 *
 * A number counts that is **valid**: its country has given out numbers like it, by the library's metadata. These lag
 * behind what regulators hand out, so that whoever knows of a new range has `possible`: the length alone, and
 * that of a mobile number, for many plans allow several lengths for toll-free or service numbers only.
 * What cannot be texted, or is billed by whoever has the number, is no number to send to, whatever the rule is.
 */
import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { VolleyError } from '../../shared/errors.ts';
import { E164 } from '../../shared/phone.ts';
import { DialledAbroad, dialledElsewhere } from './abroad.ts';
import { NationalNumbers } from './national.ts';
import { places, refusalOf } from './places.ts';
import { planOf } from './plans.ts';
import { INVALID, judgeDigits, possiblePlace, UNSURE } from './verdicts.ts';
import { digitsOf, whyNoDigits } from './written.ts';

export interface NumberRules {
  /** Whether a number must be one that its country has given out, or only of a possible length. Default: `valid`. */
  readonly numbers?: 'valid' | 'possible' | undefined;
  /** Whether also what cannot be texted is read, as for a list of those who are not to be. Default: false. */
  readonly anyKind?: boolean | undefined;
  /** Told every number that was written without `+` or 00, usable or not, where no country was given. */
  readonly forms?: { take(digits: string): void } | undefined;
}

/** Why a cell holds no number to send to. */
export interface NumberFault {
  readonly reason: 'bad_number' | 'not_textable';
  /** No more of a number is shown than `maskPhone` does. */
  readonly detail: string;
}

interface Home {
  readonly country: CountryCode;
  readonly callingCode: string;
  readonly nationals: NationalNumbers;
  readonly abroad: DialledAbroad;
}

/** No example: a number in every message would look like somebody's. */
const EXPECTED = 'expected a phone number in E.164';
const PLUS = 43;

export class PhoneNumbers {
  /** Where the number is that was read last: an index of `places`. */
  place = INVALID;
  readonly #home: Home | undefined;
  readonly #isPossibleEnough: boolean;
  readonly #anyKind: boolean;
  readonly #forms: NumberRules['forms'];
  /** The same, going by length; made where a fault is to be explained. */
  #lenient: PhoneNumbers | undefined;

  /** @param country whose national numbers are understood; without it, digits are international. */
  constructor(country?: string, { numbers, anyKind = false, forms }: NumberRules = {}) {
    this.#home = country === undefined ? undefined : homeOf(countryFrom(country));
    this.#isPossibleEnough = numbers === 'possible';
    this.#anyKind = anyKind;
    this.#forms = this.#home === undefined ? forms : undefined;
  }

  /** The number in E.164, or undefined if the cell holds none to send to. */
  read(cell: string): string | undefined {
    const hasPlus = cell.charCodeAt(0) === PLUS;
    if (hasPlus || this.#home === undefined) {
      const place = judgeDigits(cell, hasPlus ? 1 : 0, false);
      if (place >= 0) {
        if (!hasPlus) this.#forms?.take(cell);
        return this.#allowed(hasPlus ? cell : `+${cell}`, place);
      }
    }
    const digits = digitsOf(cell);
    if (digits === undefined) return undefined;
    const number = this.#read(digits);
    return number === undefined ? undefined : this.#allowed(number, this.place);
  }

  /** What is wrong with a cell that `read` refuses. */
  fault(cell: string): NumberFault {
    const digits = digitsOf(cell);
    const number = digits === undefined ? undefined : this.#find(digits);
    const refusal = number === undefined ? undefined : refusalOf(this.place);
    if (refusal === undefined) return { reason: 'bad_number', detail: this.#explain(cell, digits) };
    const detail = `expected a number that can be texted, got ${quoted(cell)}: ${refusal}`;
    return { reason: 'not_textable', detail };
  }

  /** The same in words alone. */
  explain(cell: string): string {
    return this.fault(cell).detail;
  }

  #allowed(number: string, place: number): string | undefined {
    this.place = place;
    return this.#anyKind || refusalOf(place) === undefined ? number : undefined;
  }

  #read(digits: string): string | undefined {
    if (!digits.startsWith('+') && !digits.startsWith('00')) this.#forms?.take(digits);
    return this.#find(digits);
  }

  /** Sets the place, too. */
  #find(digits: string): string | undefined {
    if (digits.startsWith('+')) return this.#international(digits);
    if (this.#home !== undefined) return this.#fromHome(digits, this.#home);
    if (!digits.startsWith('00')) return this.#international(`+${digits}`);
    const number = `+${digits.slice(2)}`;
    this.place = this.#judgeWhole(number);
    return this.place < 0 ? undefined : number;
  }

  #fromHome(digits: string, { country, callingCode, nationals, abroad }: Home): string | undefined {
    const fast = nationals.read(digits);
    if (fast !== undefined) {
      this.place = nationals.place;
      return fast;
    }
    if (abroad.isAbroad(digits)) {
      const number = abroad.read(digits, (each) => this.#judgeWhole(each));
      this.place = number === undefined ? INVALID : this.#judgeWhole(number);
      return number;
    }
    if (digits.startsWith('00')) return undefined;
    const number = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false });
    // Abroad takes a `+`, or what is dialled for it.
    if (number?.countryCallingCode !== callingCode) return undefined;
    const national = this.#byLibrary(number.number);
    return this.#lacksPlus(digits, callingCode) ?? national;
  }

  /** As `4915112345678` does, which could be a fixed line in Germany, too: these have nearly any length. */
  #lacksPlus(digits: string, callingCode: string): string | undefined {
    if (!digits.startsWith(callingCode) || places[this.place]?.kind === 'mobile') return undefined;
    const place = judgeDigits(digits, 0, true);
    if (places[place]?.kind !== 'mobile') return undefined;
    this.place = place;
    return `+${digits}`;
  }

  #international(number: string): string | undefined {
    const place = judgeDigits(number, 1, false);
    if (place === UNSURE) {
      return this.#byLibrary(parsePhoneNumberFromString(number, { extract: false })?.number);
    }
    this.place = place === INVALID ? this.#possible(number) : place;
    return this.place < 0 ? undefined : number;
  }

  /** @param number with everything taken off that the library takes off */
  #byLibrary(number: string | undefined): string | undefined {
    if (number === undefined || !E164.test(number)) return undefined;
    this.place = this.#judgeWhole(number);
    return this.place < 0 ? undefined : number;
  }

  readonly #judgeWhole = (number: string): number => {
    if (!E164.test(number)) return INVALID;
    const place = judgeDigits(number, 1, true);
    return place < 0 ? this.#possible(number) : place;
  };

  #possible(number: string): number {
    return this.#isPossibleEnough ? possiblePlace(number, 1) : INVALID;
  }

  #explain(cell: string, digits: string | undefined): string {
    if (cell.trim() === '') return 'no number';
    const got = `got ${quoted(cell)}`;
    if (digits === undefined) {
      const why = whyNoDigits(cell);
      return `${EXPECTED}, ${got}${why === undefined ? '' : `: ${why}`}`;
    }
    const home = this.#home;
    if (home === undefined || digits.startsWith('+')) {
      return `${EXPECTED}, ${got}: ${this.#whyNotInternational(digits)}`;
    }
    if (digits.startsWith('00') && !home.abroad.isDoubleZero) {
      return `${EXPECTED}, ${got}: 00 is not dialled in ${home.country}, write + instead`;
    }
    const expected = `expected a number of ${home.country}, or + and a country's code, ${got}`;
    const country = this.#countryByLength(digits);
    return country === undefined ? expected : `${expected}: ${noneOf(country)}`;
  }

  #whyNotInternational(digits: string): string {
    if (!digits.startsWith('+')) {
      const elsewhere = dialledElsewhere(digits, (number) => this.#judgeWhole(number));
      if (elsewhere !== undefined) {
        const { prefix, country } = elsewhere;
        return `${prefix} is dialled abroad in ${country}, not everywhere: give --country ${country}, or write +`;
      }
      if (digits.startsWith('00')) return 'what follows 00 is no number as it stands';
      if (digits.startsWith('0')) return 'a number without its country; --country gives one';
    }
    const country = this.#countryByLength(digits);
    return country === undefined ? 'no number of a known country' : noneOf(country);
  }

  /** Whose number `possible` would take it for, where that is not the rule already. */
  #countryByLength(digits: string): string | undefined {
    if (this.#isPossibleEnough) return undefined;
    this.#lenient ??= new PhoneNumbers(this.#home?.country, { numbers: 'possible', anyKind: true });
    const number = this.#lenient.read(digits);
    return number === undefined ? undefined : places[this.#lenient.place]?.country;
  }
}

function noneOf(country: string): string {
  return `no number of ${country} begins like this; --numbers possible lets it through`;
}

function countryFrom(country: string): CountryCode {
  const code = country.toUpperCase();
  if (isSupportedCountry(code)) return code;
  throw new VolleyError(
    'bad_input',
    `country: expected an ISO 3166 code such as SG, got ${JSON.stringify(country)}`,
  );
}

function homeOf(country: CountryCode): Home {
  const plan = planOf(country, '');
  if (plan === undefined) throw new Error(`expected a plan of ${country}, got none`);
  const { callingCode } = plan;
  const nationals = new NationalNumbers(plan);
  return { country, callingCode, nationals, abroad: new DialledAbroad(plan) };
}

function quoted(cell: string): string {
  return JSON.stringify(maskDigits(cell.trim()));
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
