/** What may happen to the campaign of the model, at random. */
import fc from 'fast-check';
import type { ReplayChoice } from '../../src/producer/replay/choice.ts';
import type { Answer } from './people.ts';

/** In messages of one, three, two and one. */
export const RECIPIENTS = 7;

export function numberAt(at: number): string {
  return `+${6_591_000_000 + at}`;
}

export function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)];
}

type Plain =
  | ('pick' | 'crash' | 'end' | 'hear' | 'lapse' | 'fold' | 'go on' | 'die' | 'retry')
  | ('vanish' | 'scatter' | 'look');

export type Step =
  | { do: Plain; which: number }
  | { do: 'send'; which: number; message: number; answer: Answer; isExpired: boolean }
  | { do: 'pause' | 'resume' | 'cancel' | 'due' | 'queue' | 'forget' }
  | { do: 'opt'; which: number; isOut: boolean }
  | { do: 'work'; answers: readonly Answer[]; most: number }
  | { do: 'replay'; choice: ReplayChoice; most: number };

export interface Rules {
  park: boolean;
  attempts: number;
  canary: number | undefined;
  haltAfter: number | undefined;
}

const which = fc.nat(11);
export const ALL: Answer = { verdict: 'accepted', accepted: RECIPIENTS };
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.constant(ALL),
  fc.record({
    verdict: fc.constantFrom('shortfall', 'unconfirmed', 'rejected'),
    accepted: fc.nat(3),
  }),
  fc.record({
    verdict: fc.constantFrom('rejected', 'retry', 'retry', 'throttled', 'never_written'),
    accepted: fc.constant(0),
  }),
);
const choice: fc.Arbitrary<ReplayChoice> = fc.oneof(
  fc.constant({}),
  fc.constant({ split: 1 }),
  fc.record({
    mayDouble: fc.boolean(),
    split: fc.constantFrom(undefined, 1, 2),
    template: fc.constantFrom(undefined, undefined, 'promo-2'),
    states: fc.constantFrom(
      undefined,
      ...(['unconfirmed', 'shortfall', 'cancelled', 'expired', 'opted_out'] as const).map(
        (each) => [each],
      ),
    ),
  }),
);
const plainly = (...words: Plain[]) => fc.record({ do: fc.constantFrom(...words), which });

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: plainly('pick', 'pick', 'hear', 'hear', 'end', 'end', 'lapse', 'crash'),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send'),
      which,
      message: fc.nat(3),
      answer,
      isExpired: fc.integer({ min: 0, max: 19 }).map((each) => each === 0),
    }),
  },
  { weight: 2, arbitrary: plainly('go on', 'go on', 'go on', 'go on', 'go on', 'die') },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('replay'), choice, most: fc.nat(9) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('work'),
      answers: fc.oneof(
        fc.constant([ALL, ALL, ALL, ALL]),
        fc.array(answer, { minLength: 4, maxLength: 4 }),
      ),
      // Nine has judged how the job ends, ten has told BullMQ.
      most: fc.oneof(fc.constantFrom(99, 99, 9, 10), fc.nat(11)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('queue', 'due', 'resume') }) },
  { weight: 4, arbitrary: plainly('fold', 'retry') },
  { weight: 1, arbitrary: plainly('vanish', 'scatter', 'look', 'look') },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause', 'pause', 'cancel', 'cancel', 'forget') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('opt'), which, isOut: fc.boolean() }) },
);

export const rules: fc.Arbitrary<Rules> = fc.record({
  park: fc.constantFrom(true, true, false),
  attempts: fc.integer({ min: 1, max: 3 }),
  canary: fc.constantFrom(undefined, undefined, 1),
  haltAfter: fc.constantFrom(undefined, undefined, 1, 2),
});
