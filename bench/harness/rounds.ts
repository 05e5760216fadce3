/** Runs what is compared in turn, A B A B, so that whatever disturbs the machine disturbs all alike. */
import { type Figure, figure } from './figures.ts';

/** One run of one contestant: its measures by name. It throws where anything was delivered twice or not at all. */
export type Run = () => Promise<Readonly<Record<string, number>>>;

export class Rounds {
  readonly #runs = new Map<string, Readonly<Record<string, number>>[]>();

  add(who: string, measures: Readonly<Record<string, number>>): void {
    const before = this.#runs.get(who);
    if (before) before.push(measures);
    else this.#runs.set(who, [measures]);
  }

  /** @throws Error for what was not measured */
  figure(who: string, measure: string, unit: string): Figure {
    const runs = (this.#runs.get(who) ?? []).map((measures) => measures[measure]);
    const known = runs.filter((run) => run !== undefined);
    if (known.length === 0) throw new Error(`${who}: no run measured ${measure}`);
    return figure(unit, known);
  }
}

/** One round to warm up, then those that count. */
export async function inRounds(
  rounds: number,
  contestants: Readonly<Record<string, Run>>,
): Promise<Rounds> {
  const measured = new Rounds();
  for (let round = 0; round <= rounds; round++) {
    for (const [who, run] of Object.entries(contestants)) {
      const measures = await run();
      if (round > 0) measured.add(who, measures);
    }
  }
  return measured;
}
