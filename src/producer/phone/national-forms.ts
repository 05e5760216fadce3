/**
 * Asks of a list's numbers without `+` whether they would rather be mobile numbers of one country, as people there
 * write them, than the international numbers as which they are read: `15125060376` is somebody in Texas, and in a
 * German list somebody else. It keeps a sample, and judges it once the list has been read; it refuses nothing.
 *
 * On both sides only mobile numbers count, those included that look like fixed lines: a list is written to be texted, so
 * a reading that gives fixed lines explains it badly. Else Grenada's list without its 1 (`473 520…`) would pass
 * for fixed lines in Norway (+47 35 20…).
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { NationalForm } from './national-form.ts';
import { PhoneNumbers } from './number.ts';
import { places } from './places.ts';
import { plansByCallingCode } from './plans.ts';
import { Reservoir } from './reservoir.ts';

/** Numbers that are kept: the share of any kind among them is that of the list within 2 %. */
export const SAMPLE = 4096;
/** Countries that explain nearly as many numbers are told apart by how much that says. */
const NEARLY = 0.05;
/** Countries beside the best that are named. */
const OTHERS = 3;

/** A country whose mobile numbers, as written there, a list's numbers fit better than what they were read as. */
export interface NationalFit {
  /** Numbers that were looked at: all without `+`, or a sample of them. */
  readonly sample: number;
  /** Of these, how many are mobile numbers as they were read. */
  readonly asRead: number;
  /** Of these, how many are mobile numbers of the country. */
  readonly asNational: number;
  /** ISO 3166 code. */
  readonly country: string;
  /** Others that fit nearly as well, the likeliest first. */
  readonly others: readonly string[];
  /** One of the numbers, whole: who would be texted, and who is meant. */
  readonly example: string;
}

interface Candidate {
  readonly form: NationalForm;
  readonly fitting: number;
}

export class NationalForms {
  readonly #kept = new Reservoir(SAMPLE);

  /** How many have been taken. */
  get count(): number {
    return this.#kept.count;
  }

  /** @param digits of a number that was written without `+` or 00, whether it is any or not */
  take(digits: string): void {
    this.#kept.take(digits);
  }

  /** The country that fits best, if it fits better; the same for the same numbers in the same order. */
  verdict(): NationalFit | undefined {
    const sample = this.#kept.items;
    const numbers = new PhoneNumbers();
    const isMobile = (digits: string) =>
      numbers.read(`+${digits}`) !== undefined && places[numbers.place]?.kind === 'mobile';
    const asRead = sample.filter(isMobile).length;
    const [best, ...others] = candidates(sample, asRead);
    if (best === undefined) return undefined;
    const { form, fitting } = best;
    // Rather one that is somebody else's as it was read.
    const fits = sample.filter((digits) => form.read(digits) !== undefined);
    const digits = fits.find(isMobile) ?? fits[0] ?? '';
    return {
      sample: sample.length,
      asRead,
      asNational: fitting,
      country: form.country,
      others: others.slice(0, OTHERS).map((each) => each.form.country),
      example: exampleOf(digits, numbers.read(`+${digits}`), form),
    };
  }
}

function candidates(sample: readonly string[], asRead: number): Candidate[] {
  let found: Candidate[] = [];
  let least = asRead + 1;
  for (const form of forms()) {
    const fitting = fittingIn(sample, form, least);
    if (fitting === undefined) continue;
    found.push({ form, fitting });
    least = Math.max(least, Math.ceil(fitting - NEARLY * sample.length));
  }
  found = mainOnes(found.filter(({ fitting }) => fitting >= least));
  const costs = new Map(found.map(({ form }) => [form, costOf(sample, form)]));
  return found.sort((one, other) => (costs.get(one.form) ?? 0) - (costs.get(other.form) ?? 0));
}

/**
 * One for each calling code: countries that share it read such a number alike. Of those that fit best it is the main
 * one, which is what people know a list as: Australia's mobiles are the Cocos Islands' as well.
 */
function mainOnes(found: readonly Candidate[]): Candidate[] {
  const byCode = Map.groupBy(found, ({ form }) => form.callingCode);
  return [...byCode.values()].flatMap((alike) => {
    const most = Math.max(...alike.map(({ fitting }) => fitting));
    // The main one is the first of its plans.
    return alike.find(({ fitting }) => fitting === most) ?? [];
  });
}

/** Gives up as soon as fewer than `least` can fit: most countries fail within the first few numbers. */
function fittingIn(
  sample: readonly string[],
  form: NationalForm,
  least: number,
): number | undefined {
  let misses = 0;
  for (const digits of sample) {
    if (form.read(digits) !== undefined) continue;
    misses += 1;
    if (sample.length - misses < least) return undefined;
  }
  return sample.length - misses;
}

/** How many digits it takes to write the list down, knowing that it is of this country. */
function costOf(sample: readonly string[], form: NationalForm): number {
  let cost = 0;
  for (const digits of sample) {
    const national = form.read(digits);
    cost +=
      national === undefined
        ? digits.length
        : Math.log10(Math.max(1, form.countOf(national.length)));
  }
  return cost;
}

let made: readonly NationalForm[] | undefined;

function forms(): readonly NationalForm[] {
  made ??= [...plansByCallingCode.values()]
    .flat()
    .flatMap((plan) => (plan.country === undefined ? [] : [new NationalForm(plan, plan.country)]));
  return made;
}

/** `15125060376 was read as +1 512 506 0376 (US); with --country DE it would be +49 1512 5060376` */
function exampleOf(digits: string, number: string | undefined, form: NationalForm): string {
  const read = number === undefined ? undefined : parsePhoneNumberFromString(number);
  const as = read
    ? `was read as ${read.formatInternational()} (${read.country ?? `+${read.countryCallingCode}`})`
    : 'is no number as it stands';
  const meant = `+${form.callingCode}${form.read(digits) ?? ''}`;
  const shown = parsePhoneNumberFromString(meant)?.formatInternational() ?? meant;
  return `${digits} ${as}; with --country ${form.country} it would be ${shown}`;
}
