import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DigitGraphs, VALUE_AT } from '../../../src/producer/phone/digit-graph.ts';
import { graphOf } from '../../../src/producer/phone/patterns.ts';
import { plansByCallingCode } from '../../../src/producer/phone/plans.ts';

function valueIn(nodes: Int32Array, digits: string): number {
  let node = 0;
  for (const digit of digits) node = nodes[node + Number(digit)] ?? -1;
  return nodes[node + VALUE_AT] ?? -1;
}

const digits = fc.stringMatching(/^\d{0,6}$/);
/** As plans have them: groups within groups, but not many. */
const pattern = fc.letrec<{ part: string; all: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('1', '\\d', '[0-24]', '[13-59]', '7\\d', '\\d{2}', '[28]{1,3}', '3?'),
    tie('all').map((inner) => `(?:${inner})`),
    tie('all').map((inner) => `(${inner})?`),
    tie('all').map((inner) => `(?:${inner}){0,2}`),
  ),
  all: fc
    .array(fc.array(tie('part'), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 2,
    })
    .map((alternatives) => alternatives.map((parts) => parts.join('')).join('|')),
})).all;

test('matches what the regular expression matches', () => {
  fc.assert(
    fc.property(pattern, fc.array(digits, { minLength: 20, maxLength: 20 }), (source, texts) => {
      const graphs = new DigitGraphs();
      const root = graphOf(graphs, source);
      const whole = graphs.flatten(root);
      const begun = graphs.flatten(graphs.beginning(root));
      const regular = new RegExp(`^(?:${source})$`);
      for (const text of texts) {
        expect([source, text, valueIn(whole, text)]).toEqual([source, text, +regular.test(text)]);
        const begins = [1, 2, 3, 4, 5, 6].some((length) => {
          return length <= text.length && regular.test(text.slice(0, length));
        });
        // What matches no digit at all is no beginning, unless whatever follows matches as well.
        expect([source, text, valueIn(begun, text)]).toEqual([source, text, +begins]);
      }
    }),
    { numRuns: 100 },
  );
});

test('joins the values of two graphs', () => {
  const graphs = new DigitGraphs();
  const joined = graphs.flatten(
    graphs.join(graphOf(graphs, '1\\d'), graphOf(graphs, '\\d2'), (one, other) => one + 2 * other),
  );
  expect(['11', '22', '12', '33'].map((text) => valueIn(joined, text))).toEqual([1, 2, 3, 0]);
});

test('reads all patterns of all plans', () => {
  const graphs = new DigitGraphs();
  for (const plan of [...plansByCallingCode.values()].flat()) {
    expect(graphOf(graphs, plan.pattern)).not.toBe(graphs.nothing);
  }
});

test.each(['1+', '\\w', '(1', '1)', '[1', '^1', '1*', '.'])('refuses the pattern %j', (text) => {
  expect(() => graphOf(new DigitGraphs(), text)).toThrow(/expected the pattern of a plan/);
});
