/** Where a list goes, as a person and as a program reads it. What is to be warned of, the producer says. */
import { type ListTotals, placeWarnings } from '../../producer/producer.ts';
import { grouped } from '../view/figures.ts';

/** Countries that are named; the others are counted together. */
const NAMED = 5;

const KINDS: Readonly<Record<string, string>> = {
  fixed: 'fixed-line',
  mobile: 'mobile',
  toll_free: 'toll-free',
  personal: 'personal',
  voip: 'VoIP',
  unknown: 'of a possible length',
};

/** A line of countries, and one of kinds where there are others than mobile numbers. */
export function placeFacts({ places: { countries, kinds } }: ListTotals): string[][] {
  const all = descending(countries);
  if (all.length === 0) return [];
  const named = all.slice(0, NAMED).map(([country, count]) => `${country} ${grouped(count)}`);
  const rest = all.slice(NAMED);
  const others = rest.reduce((sum, [, count]) => sum + count, 0);
  if (rest.length > 0) named.push(`${moreCountries(rest.length)} ${grouped(others)}`);
  const facts = [['goes to', named.join(', ')]];
  if (Object.keys(kinds).some((kind) => kind !== 'mobile')) {
    const words = descending(kinds).map(
      ([kind, count]) => `${grouped(count)} ${KINDS[kind] ?? kind}`,
    );
    facts.push(['numbers', words.join(', ')]);
  }
  return facts;
}

export function placesJson(totals: ListTotals): object {
  const { places, withoutPlus, national } = totals;
  return {
    countries: Object.fromEntries(descending(places.countries)),
    kinds: Object.fromEntries(descending(places.kinds)),
    without_plus: withoutPlus,
    national: national
      ? {
          country: national.country,
          others: national.others,
          sample: national.sample,
          as_read: national.asRead,
          as_national: national.asNational,
          example: national.example,
        }
      : null,
    warnings: placeWarnings(totals),
  };
}

function moreCountries(count: number): string {
  return count === 1 ? '1 more country' : `${count} more countries`;
}

function descending(counts: Readonly<Record<string, number | undefined>>): [string, number][] {
  return Object.entries(counts)
    .map(([name, count = 0]): [string, number] => [name, count])
    .sort(([, some], [, others]) => others - some);
}
