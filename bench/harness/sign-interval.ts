/** How sure a median is, with nothing assumed of how the values are spread: the interval of the sign test. */

export interface Interval {
  least: number;
  most: number;
  /** How probable it is, before anything was measured, that the true median lies within. */
  confidence: number;
}

const WANTED = 0.95;

/**
 * The narrowest interval between two of the values, as many from either end, that holds the median with a probability of
 * 95 % or more; from end to end where there are too few values for that. Of 11 it is the 2nd to the 10th (98.8 %).
 */
export function middleOf(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  let outside = 0;
  let ways = 1;
  let best: Interval | undefined;
  for (let cut = 0; cut < count - cut; cut++) {
    // That as few as `cut` values, or fewer, lie on one side of the median, or on the other.
    outside += 2 * ways * 0.5 ** count;
    ways = (ways * (count - cut)) / (cut + 1);
    const confidence = 1 - outside;
    if (best !== undefined && confidence < WANTED) break;
    best = {
      least: sorted[cut] ?? Number.NaN,
      most: sorted[count - 1 - cut] ?? Number.NaN,
      confidence,
    };
  }
  return best ?? { least: Number.NaN, most: Number.NaN, confidence: 0 };
}
