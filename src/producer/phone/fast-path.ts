/**
 * Tells, without the phone-number library, that digits are certainly a number in E.164: the library costs 4 to
 * 20 µs a number, this some 50 ns. It never refuses: what it is not sure of is for the library.
 * Sure is a length that every country of the calling code has for its mobile numbers, and nothing in
 * front that the library would take for a national prefix and strip.
 */
import { E164 } from '../../shared/phone.ts';
import { type Plan, plansByCallingCode } from './plans.ts';

interface FastPlan {
  readonly callingCodeLength: number;
  /** Bit n is set where n digits, calling code included, are sure. */
  readonly lengths: number;
  /** Sticky: tried where the national number begins. Most of the world has just `0`. */
  readonly nationalPrefixes: readonly RegExp[];
}

/** By the first three digits: calling codes have one to three, and none begins another. */
const fastPlans: readonly (FastPlan | undefined)[] = layOut();

/**
 * The number in E.164 if `text` is `+` and digits, or (`bare`) digits alone, and surely one; else undefined.
 * @param isStripped whether a national prefix has been taken off before, so that what looks like one is none
 */
export function fastE164(text: string, bare: boolean, isStripped = false): string | undefined {
  const plus = text.charCodeAt(0) === 43;
  if (!plus && !bare) return undefined;
  const start = plus ? 1 : 0;
  const digits = text.length - start;
  if (digits < 7 || digits > 15) return undefined;
  for (let index = start; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
  }
  const head =
    (text.charCodeAt(start) - 48) * 100 +
    (text.charCodeAt(start + 1) - 48) * 10 +
    (text.charCodeAt(start + 2) - 48);
  const plan = fastPlans[head];
  if (plan === undefined || (plan.lengths & (1 << digits)) === 0) return undefined;
  for (const prefix of isStripped ? [] : plan.nationalPrefixes) {
    prefix.lastIndex = start + plan.callingCodeLength;
    if (prefix.test(text)) return undefined;
  }
  return plus ? text : `+${text}`;
}

function layOut(): (FastPlan | undefined)[] {
  const table = new Array<FastPlan | undefined>(1000).fill(undefined);
  for (const [callingCode, plans] of plansByCallingCode) {
    const fast = fastPlanOf(callingCode, plans);
    const width = 10 ** (3 - callingCode.length);
    table.fill(fast, Number(callingCode) * width, (Number(callingCode) + 1) * width);
  }
  return table;
}

function fastPlanOf(callingCode: string, plans: readonly Plan[]): FastPlan {
  let lengths = 0;
  for (let national = 1; national <= 15 - callingCode.length; national++) {
    const sure = plans.every(
      (plan) => plan.lengths.includes(national) && plan.mobileLengths.includes(national),
    );
    const sample = `+${callingCode}${'9'.repeat(national)}`;
    if (sure && E164.test(sample)) lengths |= 1 << (callingCode.length + national);
  }
  const prefixes = new Set(plans.map((plan) => plan.nationalPrefix));
  return {
    callingCodeLength: callingCode.length,
    lengths,
    nationalPrefixes: [...prefixes]
      .filter((prefix) => prefix !== undefined)
      .map((prefix) => new RegExp(`(?:${prefix})`, 'y')),
  };
}
