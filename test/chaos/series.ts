/** Scenarios that keep at one promise: machines that are suspended again and again, and opt-outs in a row. */
import { randomFrom } from '../../src/sandbox/chance.ts';
import type { FaultSettings } from '../../src/sandbox/index.ts';
import { SUSPENDED_AT, SUSPENDING } from './costs.ts';
import type { Deed } from './deeds.ts';
import { STOPS } from './promises.ts';
import type { Scenario } from './scenario.ts';
import type { Clock } from './stage.ts';

const IN_A_ROW = 5;
const CLOCKS: readonly Clock[] = ['monotonic', 'wall'];

/** So many suspensions, half of them with each clock. */
export function suspensions(count: number, seed: number): Scenario[] {
  const random = randomFrom(seed);
  const row = Math.min(IN_A_ROW, Math.ceil(count / CLOCKS.length));
  return Array.from({ length: Math.ceil(count / row) }, (_none, at): Scenario => {
    const deeds = Array.from({ length: Math.min(row, count - at * row) }, (): Deed => {
      const stop = STOPS[Math.floor(random() * STOPS.length)] ?? 'pause';
      const points = SUSPENDED_AT[stop];
      const point = points[Math.floor(random() * points.length)] ?? 'attempt opened';
      return { do: 'suspend', at: point, stop };
    });
    const recipients = 150 + deeds.length * 150;
    const clock = CLOCKS[at % CLOCKS.length] ?? 'monotonic';
    const common = { policy: 'park', strikes: [], deeds, clock } as const;
    return { ...common, ...SUSPENDING, recipients, seed: seed + at };
  });
}

/** How far Redis is away. */
const DISTANCES_MS = [0, 3, 80];

/** @param people how many opt out at each distance */
export function optOuts(people: number, seed: number): Scenario[] {
  return DISTANCES_MS.map((redisMs, at): Scenario => {
    const deeds: Deed[] = [{ do: 'opt out in turn', people }];
    const common = { policy: 'park', strikes: [], deeds, redisMs, seed: seed + at } as const;
    const faults = { latency: [20, 40] } satisfies FaultSettings;
    return { ...common, recipients: 4 * people, workers: 2, concurrency: 10, faults };
  });
}
