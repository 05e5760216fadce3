/**
 * Numbers behind what a country dials for abroad, as in `0011 65 9123 4567` for Australia. What stands there is a
 * calling code and a number as it is: nothing is taken off any more, for with a second prefix off it would be somebody
 * else's number. Prefixes begin one another (`00` and `001`), so that only one reading that is a number counts.
 */
import type { Plan } from './plans.ts';

/** More digits than any country dials before a calling code. */
const LONGEST_PREFIX = 10;

/** What is dialled abroad elsewhere than with 00, for a hint: the country is an example. */
const ELSEWHERE: readonly (readonly [string, string])[] = [
  ['0011', 'AU'],
  ['011', 'US'],
  ['001', 'SG'],
  ['010', 'JP'],
  ['810', 'RU'],
];

export class DialledAbroad {
  readonly #begins: RegExp;
  readonly #whole: RegExp;

  constructor(plan: Plan) {
    const prefix = plan.iddPrefix ?? '00';
    this.#begins = new RegExp(`^(?:${prefix})`);
    this.#whole = new RegExp(`^(?:${prefix})$`);
  }

  /** Whether digits are dialled abroad here. */
  isAbroad(digits: string): boolean {
    return this.#begins.test(digits);
  }

  /** Whether ITU's `00` is dialled here; elsewhere it could mean another number. */
  get isDoubleZero(): boolean {
    return this.#whole.test('00');
  }

  /**
   * @param judge takes `+` and digits, and tells the place of the number or a negative value
   * @returns the number in E.164, if there is exactly one
   */
  read(digits: string, judge: (number: string) => number): string | undefined {
    const found = new Set<string>();
    // Not dialled here, and yet what many write: then neither reading is sure.
    if (digits.startsWith('00')) found.add(`+${digits.slice(2)}`);
    const dialled = new Set<string>();
    for (let length = 2; length <= LONGEST_PREFIX; length++) {
      if (!this.#whole.test(digits.slice(0, length))) continue;
      dialled.add(`+${digits.slice(length)}`);
      found.add(`+${digits.slice(length)}`);
    }
    const [number, ...others] = [...found].filter((each) => judge(each) >= 0);
    if (number === undefined || others.length > 0 || !dialled.has(number)) return undefined;
    return number;
  }
}

/** The prefix that digits may have been dialled with, and a country where it is dialled, if a number follows it. */
export function dialledElsewhere(
  digits: string,
  judge: (number: string) => number,
): { prefix: string; country: string } | undefined {
  for (const [prefix, country] of ELSEWHERE) {
    if (!digits.startsWith(prefix)) continue;
    if (judge(`+${digits.slice(prefix.length)}`) >= 0) return { prefix, country };
  }
  return undefined;
}
