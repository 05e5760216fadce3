/**
 * The numbering plans in the phone-number library's metadata, as far as its interface does not show them:
 * patterns by kind of number, lengths, prefixes. No number is judged here.
 * Layout of a plan: METADATA.md of libphonenumber-js, and its `metadata.js`; a test holds it to that.
 */
import metadata from 'libphonenumber-js/metadata.max.json';

const CALLING_CODE = 0;
const IDD_PREFIX = 1;
const PATTERN = 2;
const POSSIBLE_LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const NATIONAL_PREFIX_FOR_PARSING = 7;
const NATIONAL_PREFIX_TRANSFORM = 8;
const LEADING_DIGITS = 10;
const TYPES = 11;

/** The kinds of number that a plan tells apart, in the order of the metadata. */
export const PLAN_TYPES = [
  'fixed',
  'mobile',
  'toll_free',
  'premium',
  'personal',
  'voicemail',
  'universal',
  'pager',
  'voip',
  'shared_cost',
] as const;

export type PlanType = (typeof PLAN_TYPES)[number];

/** The numbers of one kind. */
export interface TypePattern {
  /** As a regular expression; empty for mobile numbers that look like fixed lines. */
  readonly pattern: string;
  /** Digits after the calling code; empty where they are those of the plan. */
  readonly lengths: readonly number[];
}

export interface Plan {
  /** ISO 3166 code; undefined for calling codes of no country. */
  readonly country: string | undefined;
  readonly callingCode: string;
  /** What a valid number matches after the calling code, as a regular expression. */
  readonly pattern: string;
  /** Digits after the calling code that any number of the plan may have. */
  readonly lengths: readonly number[];
  /** Digits after the calling code that a mobile number may have. */
  readonly mobileLengths: readonly number[];
  /** By kind, where the plan has any of it. */
  readonly types: Readonly<Partial<Record<PlanType, TypePattern>>>;
  /** What its numbers begin with where others share its calling code, as a regular expression; often undefined. */
  readonly leadingDigits: string | undefined;
  /** What is dialled for abroad, as a regular expression; undefined for plans of no country. */
  readonly iddPrefix: string | undefined;
  /** What the library takes off the front of a number, as a regular expression; often undefined. */
  readonly nationalPrefix: string | undefined;
  /** What stands in place of it, where that is something: groups of the prefix, as in `9$1`. */
  readonly prefixTransform: string | undefined;
}

/** Plans by calling code; where countries share it, the main one first. */
export const plansByCallingCode: ReadonlyMap<string, readonly Plan[]> = readPlans();

const plansByCountry: ReadonlyMap<string, Plan> = new Map(
  [...plansByCallingCode.values()]
    .flat()
    .flatMap((plan) => (plan.country === undefined ? [] : [[plan.country, plan] as const])),
);

/** Plans by ISO 3166 code, and by calling code where there is no country. */
export function planOf(country: string | undefined, callingCode: string): Plan | undefined {
  const plan = country === undefined ? undefined : plansByCountry.get(country);
  return plan ?? plansByCallingCode.get(callingCode)?.[0];
}

function readPlans(): Map<string, Plan[]> {
  const plans = new Map<string, Plan[]>();
  const countries: Record<string, readonly unknown[] | undefined> = metadata.countries;
  for (const [callingCode, codes] of Object.entries(metadata.country_calling_codes)) {
    const found = codes.flatMap((code) => {
      const layout = countries[code];
      return layout === undefined ? [] : [planFrom(layout, callingCode, code)];
    });
    // Calling codes of no country are listed with their own digits in place of one.
    if (found.length > 0) plans.set(callingCode, found);
  }
  for (const [callingCode, layout] of Object.entries(metadata.nonGeographic)) {
    plans.set(callingCode, [planFrom(layout, callingCode, undefined)]);
  }
  return plans;
}

function planFrom(
  layout: readonly unknown[],
  callingCode: string,
  country: string | undefined,
): Plan {
  const lengths = numbersIn(layout[POSSIBLE_LENGTHS]);
  const types = typesIn(layout[TYPES]);
  const mobileLengths = types.mobile?.lengths ?? [];
  return {
    country,
    callingCode: textIn(layout[CALLING_CODE]) ?? callingCode,
    pattern: textIn(layout[PATTERN]) ?? '',
    lengths,
    // A type that names no lengths of its own has those of the plan; so has a plan without types.
    mobileLengths: mobileLengths.length > 0 ? mobileLengths : lengths,
    types,
    leadingDigits: textIn(layout[LEADING_DIGITS]),
    iddPrefix: textIn(layout[IDD_PREFIX]),
    nationalPrefix: textIn(layout[NATIONAL_PREFIX_FOR_PARSING]) ?? textIn(layout[NATIONAL_PREFIX]),
    prefixTransform: textIn(layout[NATIONAL_PREFIX_TRANSFORM]),
  };
}

function typesIn(list: unknown): Partial<Record<PlanType, TypePattern>> {
  const types: Partial<Record<PlanType, TypePattern>> = {};
  for (const [index, type] of PLAN_TYPES.entries()) {
    const item = itemOf(list, index);
    if (!Array.isArray(item)) continue;
    types[type] = { pattern: textIn(item[0]) ?? '', lengths: numbersIn(item[1]) };
  }
  return types;
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
