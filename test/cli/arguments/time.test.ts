import { describe, expect, test } from 'vitest';
import { share } from '../../../src/cli/arguments/option-values.ts';
import { parseTime } from '../../../src/cli/arguments/time.ts';
import { span } from '../../../src/cli/view/figures.ts';

const read = (text: string) => new Date(parseTime('--at', text)).toISOString();

describe('a time', () => {
  test.for([
    ['2026-11-27T09:00:00+08:00', '2026-11-27T01:00:00.000Z'],
    ['2026-11-27T09:00:00Z', '2026-11-27T09:00:00.000Z'],
    ['2026-11-27t09:00z', '2026-11-27T09:00:00.000Z'],
    ['2026-11-27 09:00:30.250-0330', '2026-11-27T12:30:30.000Z'],
    ['2028-02-29T00:00:00+00', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', ([text, expected]) => {
    expect(read(text ?? '')).toBe(expected);
  });

  test.for([
    ['2026-11-27T09:00:00', 'expected a time with an offset or Z'],
    ['2026-11-27', 'expected a time such as'],
    ['tomorrow', 'expected a time such as'],
    ['2026-02-30T09:00:00Z', 'expected a time that exists'],
    ['2026-11-27T24:00:00Z', 'expected a time that exists'],
    ['2026-11-27T09:00:00+19:00', 'expected a time that exists'],
  ])('%s is refused', ([text, message]) => {
    expect(() => read(text ?? '')).toThrow(`--at: ${message}`);
  });
});

describe('a share', () => {
  const of = share('--max-invalid');
  test.for([
    ['10%', 0.1],
    ['0.1', 0.1],
    ['.25', 0.25],
    ['0', 0],
    ['2.5 %', 0.025],
    ['100%', 1],
  ] as const)('%s is %d', ([text, expected]) => {
    expect(of(text)).toBeCloseTo(expected, 10);
  });

  test.for(['10', '1', '101%', '-1%', 'half', ''])('%j is refused', (text) => {
    expect(() => of(text)).toThrow('--max-invalid: expected a share such as 10% or 0.1');
  });
});

test('a span is said in its two largest units', () => {
  const spans = [0, 59.6, 95, 3600, 90_061].map(span);
  expect(spans).toEqual(['0 s', '1 min', '1 min 35 s', '1 h', '1 d 1 h']);
});
