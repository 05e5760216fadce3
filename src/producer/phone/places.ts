/**
 * Where a number is, and of which kind: a place, which the reading of a list carries as one small number, for an object
 * a row would cost more than the reading.
 */
import { PLAN_TYPES, plansByCallingCode } from './plans.ts';

/** Kinds of numbers; `unknown` is one of a possible length that no pattern of its country has. */
export const NUMBER_KINDS = [...PLAN_TYPES, 'satellite', 'unknown'] as const;

/** One of `NUMBER_KINDS`. */
export type NumberKind = (typeof NUMBER_KINDS)[number];

export interface Place {
  /** ISO 3166 code, or a calling code of no country, as in `+883`. */
  readonly country: string;
  /** Without its `+`. */
  readonly callingCode: string;
  readonly kind: NumberKind;
}

/** What cannot be texted, or is billed by whoever has the number. */
const NOT_TEXTABLE: Readonly<Partial<Record<NumberKind, string>>> = {
  premium: 'a premium-rate number',
  shared_cost: 'a shared-cost number',
  satellite: 'a number of a satellite or an international network',
  pager: 'a pager',
  voicemail: 'a voice mailbox',
  universal: 'a universal-access number',
};

/** Calling codes of satellites and of networks that are of no country: a text costs as much as to a satellite. */
const OF_NO_LAND = new Set(['870', '881', '882', '883']);

const regions = [...plansByCallingCode].flatMap(([callingCode, plans]) =>
  plans.map(({ country }) => ({ country: country ?? `+${callingCode}`, callingCode })),
);
const regionOf = new Map(regions.map(({ country }, index) => [country, index]));

/** All there are; a number's place is an index of them. */
export const places: readonly Place[] = regions.flatMap((region) =>
  NUMBER_KINDS.map((kind) => ({ ...region, kind })),
);

/** @param kind as the plan has it */
export function placeOf(
  country: string | undefined,
  callingCode: string,
  kind: NumberKind,
): number {
  const region = regionOf.get(country ?? `+${callingCode}`);
  if (region === undefined) throw new Error(`expected a country with a plan, got ${country}`);
  const found = OF_NO_LAND.has(callingCode) ? 'satellite' : kind;
  return region * NUMBER_KINDS.length + NUMBER_KINDS.indexOf(found);
}

const refusals = places.map(({ kind }) => NOT_TEXTABLE[kind]);

/** Why a number there is not to be texted, as in `a pager`; undefined where it may be. */
export function refusalOf(place: number): string | undefined {
  return refusals[place];
}
