/** What was measured, as figures: the median of the counted runs, and how far they lay apart. */
import * as z from 'zod';

export const Figure = z.object({
  /** As in `requests/s`; empty for a plain number. */
  unit: z.string(),
  median: z.number(),
  least: z.number(),
  most: z.number(),
  /** Of each counted run, in their order. */
  runs: z.array(z.number()),
});
export type Figure = z.infer<typeof Figure>;

export function figure(unit: string, runs: readonly number[]): Figure {
  const sorted = runs.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? Number.NaN) : upper;
  return {
    unit,
    median: (lower + upper) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    runs: [...runs],
  };
}

/** Round by round: what disturbs the machine disturbs both sides of a round alike. */
export function ratio(above: Figure, below: Figure): Figure {
  const ratios = above.runs.map((run, round) => run / (below.runs[round] ?? Number.NaN));
  return figure('×', ratios);
}

/** @param part 0.99 for the 99th percentile, by the nearest rank */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

/** `12,345 requests/s (11,000–13,000)` */
export function sayFigure({ unit, median, least, most, runs }: Figure): string {
  const text = `${sayNumber(median)}${unit === '' ? '' : ` ${unit}`}`;
  return runs.length > 1 ? `${text} (${sayNumber(least)}–${sayNumber(most)})` : text;
}

export function sayNumber(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
