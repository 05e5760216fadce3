/** What a question is, and what it is answered with. One file a question, in `bench/questions/`. */
import * as z from 'zod';
import { Figure } from './figures.ts';
import type { Lab } from './lab.ts';

const Row = z.object({ name: z.string(), figures: z.record(z.string(), Figure) });
export type Row = z.infer<typeof Row>;

const Target = z.object({
  /** What has to be reached, as in `requests/s beside plain BullMQ's`. */
  of: z.string(),
  figure: Figure,
  bound: z.enum(['at least', 'at most']),
  target: z.number(),
  met: z.boolean(),
});
export type Target = z.infer<typeof Target>;

export const Answer = z.object({
  rows: z.array(Row),
  targets: z.array(Target),
  /** What a reader of the figures has to know. */
  notes: z.array(z.string()),
  /** Why there is no answer. */
  skipped: z.string().optional(),
});
export type Answer = z.infer<typeof Answer>;

/** Each is an option of the same name: `{recipients: 100_000}`, `--recipients 5000`. */
export type Sizes = Readonly<Record<string, number>>;

export interface Question {
  /** What is asked, in one line. */
  readonly asks: string;
  readonly sizes: Sizes;
  /** Smaller sizes, to see whether all works: `--quick`. */
  readonly quick: Sizes;
  answer(lab: Lab, size: (name: string) => number): Promise<Answer>;
}

export function atLeast(of: string, figure: Figure, target: number): Target {
  return { of, figure, bound: 'at least', target, met: figure.median >= target };
}

export function atMost(of: string, figure: Figure, target: number): Target {
  return { of, figure, bound: 'at most', target, met: figure.median <= target };
}
