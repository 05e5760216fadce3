/** What counts as a bug of ours, and what speaks for itself. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { exitCodeOf, tellFailure } from '../../../src/cli/process/failure.ts';
import { VolleyError } from '../../../src/shared/errors.ts';

async function told(error: unknown): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(`${line}`));
  onTestFinished(() => spy.mockRestore());
  await tellFailure(error);
  return lines.join('\n');
}

const withCode = (code: string, message = 'it failed') =>
  Object.assign(new Error(message), { code });
const named = (name: string) => Object.assign(new Error('it failed'), { name });

describe("is nobody's bug", () => {
  test.each<[string, unknown, number]>([
    ['no space left', withCode('ENOSPC'), 1],
    ['too many open files', withCode('EMFILE'), 1],
    ['no such file', withCode('ENOENT'), 2],
    ['links in a circle', withCode('ELOOP'), 2],
    ['a socket in place of a file', withCode('ENXIO'), 2],
    ['a broken gzip', withCode('Z_DATA_ERROR'), 1],
    ['a certificate', withCode('CERT_HAS_EXPIRED'), 1],
    ['a certificate of ones own', withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 1],
    ['a text that is too long', withCode('ERR_STRING_TOO_LONG'), 1],
    ['no memory', new RangeError('Array buffer allocation failed'), 1],
    ['what was stopped', AbortSignal.abort().reason, 1],
    ['what Redis refuses', named('ReplyError'), 1],
    ['the first of several', new AggregateError([withCode('ECONNREFUSED')]), 1],
    ['a word of ours', new VolleyError('unavailable', 'Redis is away'), 1],
  ])('%s', async (_what, error, code) => {
    expect(await told(error)).not.toContain('bug');
    expect(exitCodeOf(error)).toBe(code);
  });
});

test.each<[string, unknown]>([
  ['a TypeError', new TypeError('x is not a function')],
  ['a RangeError of other kinds', new RangeError('Invalid time value')],
  ['an argument of ours that Node refuses', withCode('ERR_INVALID_ARG_TYPE')],
  ['no error at all', 'thrown'],
])('is a bug: %s, without a stack', async (_what, error) => {
  const words = await told(error);
  expect(words).toContain('this is a bug in Volley');
  expect(words).not.toContain('    at ');
  expect(exitCodeOf(error)).toBe(1);
});
