/**
 * The numbering plans in the phone-number library's metadata, as far as its interface does not show them:
 * lengths of mobile numbers, and prefixes. No number is judged here.
 * Layout of a plan: METADATA.md of libphonenumber-js, and its `metadata.js`; a test holds it to that.
 */
import metadata from 'libphonenumber-js/metadata.max.json';

const CALLING_CODE = 0;
const IDD_PREFIX = 1;
const PATTERN = 2;
const POSSIBLE_LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const NATIONAL_PREFIX_FOR_PARSING = 7;
const TYPES = 11;
const MOBILE = 1;

export interface Plan {
  readonly callingCode: string;
  /** What a valid number matches after the calling code, as a regular expression. */
  readonly pattern: string;
  /** Digits after the calling code that any number of the plan may have. */
  readonly lengths: readonly number[];
  /** Digits after the calling code that a mobile number may have. */
  readonly mobileLengths: readonly number[];
  /** What is dialled for abroad, as a regular expression; undefined for plans of no country. */
  readonly iddPrefix: string | undefined;
  /** What the library takes off the front of a number, as a regular expression; often undefined. */
  readonly nationalPrefix: string | undefined;
}

/** Plans by calling code; where countries share it, the main one first. */
export const plansByCallingCode: ReadonlyMap<string, readonly Plan[]> = readPlans();

/** Plans by ISO 3166 code, and by calling code where there is no country. */
export function planOf(country: string | undefined, callingCode: string): Plan | undefined {
  const layout = country === undefined ? undefined : plansByCountry.get(country);
  return layout ?? plansByCallingCode.get(callingCode)?.[0];
}

const plansByCountry: ReadonlyMap<string, Plan> = new Map(
  Object.entries(metadata.countries).map(([country, layout]) => [country, planFrom(layout)]),
);

function readPlans(): Map<string, Plan[]> {
  const plans = new Map<string, Plan[]>();
  const countries: Record<string, readonly unknown[] | undefined> = metadata.countries;
  for (const [callingCode, codes] of Object.entries(metadata.country_calling_codes)) {
    const layouts = codes.map((code) => countries[code]).filter((layout) => layout !== undefined);
    // Calling codes of no country are listed with their own digits in place of one.
    if (layouts.length > 0) plans.set(callingCode, layouts.map(planFrom));
  }
  for (const [callingCode, layout] of Object.entries(metadata.nonGeographic)) {
    plans.set(callingCode, [{ ...planFrom(layout), callingCode }]);
  }
  return plans;
}

function planFrom(layout: readonly unknown[]): Plan {
  const lengths = numbersIn(layout[POSSIBLE_LENGTHS]);
  const mobile = itemOf(layout[TYPES], MOBILE);
  const mobileLengths = numbersIn(itemOf(mobile, 1));
  return {
    callingCode: String(layout[CALLING_CODE]),
    pattern: textIn(layout[PATTERN]) ?? '',
    lengths,
    // A type that names no lengths of its own has those of the plan; so has a plan without types.
    mobileLengths: mobileLengths.length > 0 ? mobileLengths : lengths,
    iddPrefix: textIn(layout[IDD_PREFIX]),
    nationalPrefix: textIn(layout[NATIONAL_PREFIX_FOR_PARSING]) ?? textIn(layout[NATIONAL_PREFIX]),
  };
}

function itemOf(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined;
}

function numbersIn(list: unknown): number[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'number') : [];
}

/** Texts only; 0 stands for what a plan does not have. */
function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
