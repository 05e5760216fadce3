/** Numbers that nobody chose: made at random from the patterns of a country. The same ones each time. */
import fc from 'fast-check';
import { type PlanType, planOf } from '../../src/producer/phone/plans.ts';

/** Distinct valid numbers of a kind, without the calling code. */
export function nationalNumbers(
  country: string,
  count: number,
  type: PlanType = 'mobile',
  seed = 1,
): string[] {
  const types = planOf(country, '')?.types ?? {};
  const own = types[type];
  // What looks like a fixed line has no pattern of its own.
  const { pattern, lengths } = own?.pattern ? own : (types.fixed ?? { pattern: '', lengths: [] });
  if (pattern === '') throw new Error(`${country} has no ${type} numbers`);
  const whole = new RegExp(`^(?:${planOf(country, '')?.pattern})$`);
  const made = fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), {
    numRuns: count * 4,
    seed,
  });
  const valid = made.filter(
    (digits) => whole.test(digits) && (lengths.length === 0 || lengths.includes(digits.length)),
  );
  return [...new Set(valid)].slice(0, count);
}

/** The same in E.164. */
export function e164Numbers(country: string, count: number, type: PlanType = 'mobile'): string[] {
  const callingCode = planOf(country, '')?.callingCode ?? '';
  return nationalNumbers(country, count, type).map((digits) => `+${callingCode}${digits}`);
}
