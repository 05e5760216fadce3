/**
 * Finds a fault by its name: one of those listed in `fault-list.ts`, or of a family whose names end
 * in a number. Choosing one, and committing it, is done elsewhere.
 */
import { all, type Fault, fault, none, ok } from './fault.ts';
import { LIST } from './fault-list.ts';
import { bare } from './reply.ts';

/** Each texts, and answers a 5xx that did not come whole, or cannot be read without care. */
export const CUT_SHORT: readonly string[] = LIST.filter(({ name }) =>
  /^50[02]-(json|chunk|gzip|bom|reset)/.test(name),
).map(({ name }) => name);

const BY_NAME = new Map(LIST.map((each) => [each.name, each]));

/** Families of faults whose name ends in a number. */
const FAMILIES = [
  {
    prefix: '429-',
    name: '429-SECONDS',
    about: 'HTTP 429 with that Retry-After',
    make: (name: string, about: string, seconds: number) =>
      fault(name, about, none, () => bare(429, ['Retry-After', String(seconds)])),
  },
  {
    prefix: 'slow-',
    name: 'slow-MS',
    about: 'accepted, and answered so many milliseconds later',
    make: (name: string, about: string, ms: number) => fault(name, about, all, ok, 'whole', ms),
  },
  {
    prefix: 'again-',
    name: 'again-MS',
    about: 'accepted; so many ms later a 500 more, unasked, where it was',
    make: (name: string, about: string, againMs: number): Fault => ({
      ...fault(name, about, all, ok),
      againMs,
    }),
  },
  {
    prefix: 'cut-',
    name: 'cut-BYTES',
    about: 'closed after so many bytes, the head included; texted',
    make: (name: string, about: string, cutAt: number): Fault => ({
      ...fault(name, about, all, ok, 'cut'),
      cutAt,
    }),
  },
];

/** What `--help` lists. */
export const FAULTS: readonly { readonly name: string; readonly about: string }[] = [
  ...LIST.map(({ name, about }) => ({ name, about })),
  ...FAMILIES.map(({ name, about }) => ({ name, about })),
];

export function faultNamed(name: string): Fault | undefined {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  for (const family of FAMILIES) {
    if (!name.startsWith(family.prefix)) continue;
    const digits = name.slice(family.prefix.length);
    return /^\d{1,9}$/.test(digits) ? family.make(name, family.about, Number(digits)) : undefined;
  }
  return undefined;
}
