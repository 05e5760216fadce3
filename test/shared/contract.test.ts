import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonExactly, Reply, readUsualReply } from '../../src/shared/contract.ts';

describe('JSON is read exactly', () => {
  test.for([
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['-9007199254740993', -9_007_199_254_740_993n],
    ['1972492621368553472', 1_972_492_621_368_553_472n],
    ['98304000000000000000.5', 9.8304e19],
    ['1e400', Number.POSITIVE_INFINITY],
    ['"1972492621368553472"', '1972492621368553472'],
  ] as const)('%s', ([text, value]) => {
    expect(parseJsonExactly(text)).toBe(value);
    expect(parseJsonExactly(`{"a":[${text}]}`)).toEqual({ a: [value] });
  });

  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.bigInt(),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  /** JSON with integers of any size, which `JSON.stringify` refuses. */
  function write(value: unknown): string {
    if (typeof value === 'bigint') return value.toString();
    if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const fields = Object.entries(value).map(
      ([name, each]) => `${JSON.stringify(name)}:${write(each)}`,
    );
    return `{${fields.join(',')}}`;
  }

  /** Integers as text, so that those read as `number` and those read as `bigint` compare. */
  function digits(value: unknown): unknown {
    if (typeof value === 'bigint') return { integer: value.toString() };
    if (typeof value === 'number') return { integer: BigInt(value).toString() };
    if (Array.isArray(value)) return value.map(digits);
    if (typeof value !== 'object' || value === null) return value;
    return Object.entries(value).map(([name, each]) => [name, digits(each)]);
  }

  test('whatever it holds, to the last digit', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(digits(parseJsonExactly(write(value)))).toEqual(digits(value));
      }),
      { numRuns: 1000 },
    );
  });

  test('and as ever where no integer is large', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain: unknown = JSON.parse(text);
        if (/\d{16}/.test(text)) return;
        expect(parseJsonExactly(text)).toEqual(plain);
      }),
    );
  });

  test('or not at all', () => {
    for (const text of ['', '{', '{"plan_id":"19724', '<html>', '1972492621368553472 1']) {
      expect(() => parseJsonExactly(text)).toThrow(SyntaxError);
    }
  });
});

test('a reply may miss every field', () => {
  expect(Reply.parse({})).toEqual({});
});

test('ids become strings of digits, whatever they came as', () => {
  const reply = {
    plan_id: 1_972_492_621_368_553_472n,
    message_id: 7,
    schedule_info: { task_id: '8' },
  };
  expect(Reply.parse(reply)).toEqual({
    plan_id: '1972492621368553472',
    message_id: '7',
    schedule_info: { task_id: '8' },
  });
});

test('the usual reply is read as the schema reads it, and all else is left to the schema', () => {
  const id = fc.constantFrom('1972484198153367552', '', 'x');
  const usual = fc.record(
    { plan_id: id, message_id: id, total_count: fc.nat(3), accepted_count: fc.nat(3) },
    { requiredKeys: ['plan_id', 'total_count', 'accepted_count'] },
  );
  const fields = [...Object.keys(Reply.shape), 'other'];
  const values = [undefined, null, '', '7', 0, 7, -1, -0, 1.5, 2 ** 53, 7n, true, [], {}];
  const change = fc.tuple(fc.constantFrom(...fields), fc.constantFrom(...values));
  let read = 0;
  fc.assert(
    fc.property(usual, fc.array(change, { maxLength: 2 }), (reply, changes) => {
      const changed = { ...reply, ...Object.fromEntries(changes) };
      const fields = readUsualReply(changed);
      if (fields === undefined) return;
      read++;
      expect(fields).toEqual(Reply.parse(changed));
    }),
    { numRuns: 1000 },
  );
  // A third is changed in nothing.
  expect(read).toBeGreaterThan(100);
});
