import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { errorsPage, PAGE } from '../../scripts/errors-page.ts';
import { exitCodeOf } from '../../src/cli/process/failure.ts';
import { conflict, VolleyError } from '../../src/shared/errors.ts';

test('docs/errors.md is what the tables say; `npm run docs` writes it', async () => {
  expect(await readFile(PAGE, 'utf8')).toBe(errorsPage());
});

describe('a conflict', () => {
  const taken = conflict('send_at_work', 'campaign spring: another send is at work on it');

  test('says why', () => {
    expect(taken).toMatchObject({ code: 'conflict', details: { why: 'send_at_work' } });
    expect(exitCodeOf(taken)).toBe(2);
  });

  test('keeps its reason in other words', () => {
    const again = taken.reworded('not sent');
    expect(again).toMatchObject({ ...taken, message: 'not sent', cause: taken });
    expect(again).toMatchObject({ code: 'conflict', details: { why: 'send_at_work' } });
  });

  test('is never thrown without one', () => {
    // @ts-expect-error: a conflict says why
    expect(new VolleyError('conflict', 'x').details).toBeUndefined();
  });
});

test('another error has no details, in other words neither', () => {
  const away = new VolleyError('unavailable', 'Redis is away');
  expect('details' in away).toBe(false);
  expect('details' in away.reworded('it is away')).toBe(false);
});
