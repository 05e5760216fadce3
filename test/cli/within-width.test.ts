import { styleText } from 'node:util';
import { expect, test } from 'vitest';
import { withinWidth } from '../../src/cli/terminal/within-width.ts';

test('a sentence breaks between words, and is whole where there is no width', () => {
  expect(withinWidth('spring  paused, 2,695 recipients waiting', 20)).toBe(
    'spring  paused,\n  2,695 recipients\n  waiting',
  );
  expect(withinWidth('  a-word-that-is-too-long as it is', 12)).toBe(
    '  a-word-that-is-too-long\n    as it is',
  );
  expect(withinWidth('spring  paused, 2,695 waiting', undefined)).toBe(
    'spring  paused, 2,695 waiting',
  );
});

test('colours take up no room', () => {
  const yellow = styleText('yellow', 'paused', { validateStream: false });
  expect(withinWidth(`${yellow} it is now`, 16)).toBe(`${yellow} it is now`);
});
