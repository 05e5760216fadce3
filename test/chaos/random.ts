/** A scenario made of nothing but its seed: some campaign, and a few failures anywhere on its way. */
import type { FaultSettings } from '../../src/sandbox/index.ts';
import { victimsAt } from './cells.ts';
import { isSending, POINTS } from './points.ts';
import type { Scenario, Strike } from './scenario.ts';

/** What EngageLab does meanwhile. None of these texts somebody and says that it did not. */
const FAULTS: readonly FaultSettings[] = [
  {},
  { latency: [1, 30] },
  { latency: [0, 5], rates: { '500': 0.1, '5001': 0.02 } },
  { latency: [0, 5], rates: { 'reset-after': 0.05, 'close-after': 0.05 } },
  { rates: { '408': 0.1, partial: 0.02 } },
];

export function randomScenario(random: () => number): Scenario {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const one = <T>(of: readonly T[]): T => {
    const chosen = of[Math.floor(random() * of.length)];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  };
  const group = one([1, 1, 1, 7]);
  const messages = upTo(300);
  const strikes = Array.from({ length: upTo(4) }, (): Strike => {
    // A producer that fails takes seconds to be waited for, so it has fewer of the rounds.
    const at = one(random() < 0.2 ? POINTS : POINTS.filter((point) => !isSending(point)));
    const most = /completion|release|send|laid/.test(at) ? 3 : messages;
    return { at, nth: upTo(most), victim: one(victimsAt(at)) };
  });
  return {
    policy: one(['park', 'resend']),
    strikes,
    recipients: messages * group,
    group,
    workers: upTo(3),
    concurrency: one([1, 5, 20, 50]),
    faults: { ...one(FAULTS), seed: upTo(1_000_000) },
  };
}

/** One line for a person. */
export function describeScenario(scenario: Scenario): string {
  const { policy, strikes, recipients, group = 1, workers, concurrency, faults } = scenario;
  const blows = strikes.map(({ at, nth, victim }) => `${victim} ${at} (${nth})`).join('; ');
  const size = `${recipients} recipients by ${group}, ${workers} workers of ${concurrency}`;
  return `${policy}, ${size}, faults ${JSON.stringify(faults)}: ${blows}`;
}
