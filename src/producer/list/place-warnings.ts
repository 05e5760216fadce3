/** What there is to say of where a list goes, before it is sent. It refuses nothing: that is `check.ts`'s. */
import { isNational, nationalWords } from './check.ts';
import type { ListTotals } from './options.ts';

/** A sentence each, the gravest first. They hold a number of the list, whole, where it is about to reach a stranger. */
export function placeWarnings(
  totals: Pick<ListTotals, 'places' | 'withoutPlus' | 'national'>,
): string[] {
  const { places, withoutPlus, national } = totals;
  const { fixed = 0, toll_free: tollFree = 0, unknown = 0 } = places.kinds;
  const warnings: string[] = [];
  if (national !== undefined && !isNational(national)) {
    warnings.push(`${nationalWords(national)}. --international says that they are as they stand`);
  } else if (withoutPlus > 0 && places.callingCodes > 1) {
    warnings.push(
      `${counted(withoutPlus, 'number')} without + in a list of several countries: read as ` +
        'international, which --international says is right',
    );
  }
  if (fixed > 0) warnings.push(`${counted(fixed, 'fixed line')}: most cannot read an SMS`);
  if (tollFree > 0) {
    warnings.push(`${counted(tollFree, 'toll-free number')}: most cannot read an SMS`);
  }
  if (unknown > 0) {
    warnings.push(
      `${counted(unknown, 'number')} of a possible length that nobody is known to have`,
    );
  }
  return warnings;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
