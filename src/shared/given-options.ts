/**
 * Options as a program gives them to a call: an object, and nothing in it that nobody knows. An option that is passed over
 * in silence is worse than none: a `startsAt` that was meant to be `startAt` texts everybody at once. What the values must
 * be is looked at by whoever uses them.
 */
import { VolleyError } from './errors.ts';
import { describeGiven, isOptions } from './given-value.ts';
import { nearestName } from './misspelt.ts';

/** Every option of a call by its name. One that is missing, or is none, is an error of the compiler's. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/** @throws VolleyError `bad_input` for what is no object, and for an option that is none of these */
export function checkOptionNames(options: unknown, known: Readonly<Record<string, true>>): void {
  const names = Object.keys(known);
  if (!isOptions(options)) {
    const expected = `{${names.slice(0, 2).join(', ')}${names.length > 2 ? ', …' : ''}}`;
    const words = `the options: expected ${expected}, got ${describeGiven(options)}`;
    throw new VolleyError('bad_input', words);
  }
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name) || value === undefined) continue;
    const near = nearestName(name, names);
    const help = near ? `did you mean ${near}?` : `expected some of ${names.join(', ')}`;
    throw new VolleyError('bad_input', `${name}: there is no such option; ${help}`);
  }
}
