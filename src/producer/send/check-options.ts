/**
 * Whether what a program gave as the options of a `send` is what it must be. The compiler says so to most; an empty
 * environment variable, a `Date` or plain JavaScript come here. Options of the command were checked before, in its words.
 */
import { VolleyError } from '../../shared/errors.ts';
import { describeGiven } from '../../shared/given-value.ts';
import type { SendOptions } from './options.ts';

const TEXTS = [
  'campaign',
  'planName',
  'templateText',
  'phoneColumn',
  'sheet',
  'encoding',
  'country',
] as const;
const SWITCHES = ['allowEmpty', 'international', 'again'] as const;
const CALLS = ['onExcluded', 'confirm', 'onWait', 'onProgress', 'onInvalid'] as const;

/** @throws VolleyError `bad_input` that names the option */
export function checkOptions(options: SendOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw wrong('the options', '{template, …}', options);
  }
  if (isBlank(options.template)) throw wrong('template', "EngageLab's id of it", options.template);
  for (const name of TEXTS) {
    if (options[name] !== undefined && isBlank(options[name])) {
      throw wrong(name, 'a text that is not empty', options[name]);
    }
  }
  for (const name of SWITCHES) {
    if (options[name] !== undefined && typeof options[name] !== 'boolean') {
      throw wrong(name, 'true or false', options[name]);
    }
  }
  for (const name of CALLS) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw wrong(name, 'a function', options[name]);
    }
  }
  checkParams(options);
  checkShare(options.maxInvalid);
  checkHaltAfter(options.haltAfter);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrong('signal', 'an AbortSignal', signal);
  }
}

function checkParams({ params, constants, allowEmpty, customArgs }: SendOptions): void {
  const isChoice = params === undefined || params === 'all' || isTexts(params);
  if (!isChoice) throw wrong('params', "an array of names, or 'all'", params);
  if (constants !== undefined) checkConstants(constants, allowEmpty ?? false);
  if (customArgs !== undefined && !isPlain(customArgs)) {
    throw wrong('customArgs', 'an object of names and values', customArgs);
  }
}

function checkConstants(constants: unknown, allowEmpty: boolean): void {
  if (!isPlain(constants)) throw wrong('constants', 'an object of names and texts', constants);
  for (const [name, value] of Object.entries(constants)) {
    const where = `constants.${name}`;
    if (typeof value !== 'string') throw wrong(where, 'a text', value);
    if (allowEmpty || value.trim() !== '') continue;
    throw wrong(where, 'a value (an empty one would be sent; allowEmpty allows it)', value);
  }
}

function checkShare(share: unknown): void {
  if (share === undefined || (typeof share === 'number' && share >= 0 && share <= 1)) return;
  throw wrong('maxInvalid', 'a share from 0 to 1', share);
}

function checkHaltAfter(messages: unknown): void {
  if (messages === undefined || messages === 'never') return;
  if (typeof messages === 'number' && Number.isSafeInteger(messages) && messages > 0) return;
  throw wrong('haltAfter', "a whole number from 1 on, or 'never'", messages);
}

function isBlank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** No array, no `Map`: of those nothing would be found by its name. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && describeGiven(value) === 'an object';
}

function wrong(name: string, expected: string, got: unknown): VolleyError {
  return new VolleyError('bad_input', `${name}: expected ${expected}, got ${describeGiven(got)}`);
}
