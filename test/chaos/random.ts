/** A scenario made of nothing but its seed: some campaign, and a few failures anywhere on its way. */
import type { FaultSettings } from '../../src/sandbox/index.ts';
import { victimsAt } from './cells.ts';
import { type Deed, replaysOf } from './deeds.ts';
import { CONTROLLING, REPLAYING, SENDING, WORKING } from './points.ts';
import type { Scenario, Strike } from './scenario.ts';

/** What EngageLab does meanwhile. None of these texts somebody and says that it did not. */
const FAULTS: readonly FaultSettings[] = [
  {},
  { latency: [1, 30] },
  { latency: [0, 5], rates: { '500': 0.1, '5001': 0.1 } },
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
  const chance = (share: number) => random() < share;
  const recipients = messages * group;
  // A producer that fails takes seconds to be waited for, so it has fewer of the rounds.
  const isSent = chance(0.1);
  const canary = chance(0.15) ? upTo(recipients) : undefined;
  const deeds: Deed[] = [];
  for (const command of ['suppress', 'pause', 'cancel'] as const) {
    if (chance(0.2)) deeds.push({ do: command, after: upTo(messages) });
  }
  // Before or after the others: it may have been paused and resumed half-way.
  const place = upTo(deeds.length + 1) - 1;
  if (canary !== undefined) deeds.splice(place, 0, { do: 'resume', after: Infinity });
  if (chance(0.35)) deeds.push({ do: one(['replay', 'replay', 'move', 'replay all']) });
  const points = [
    ...[...WORKING, ...WORKING],
    ...(isSent ? SENDING : []),
    ...(deeds.length > 0 ? CONTROLLING : []),
    ...(replaysOf(deeds) > 0 ? REPLAYING : []),
  ];
  const strikes = Array.from({ length: upTo(4) }, (): Strike => {
    const at = one(points);
    const most = WORKING.includes(at) && !at.includes('completion') ? messages : 3;
    return { at, nth: upTo(most), victim: one(victimsAt(at)) };
  });
  return {
    policy: one(['park', 'resend']),
    strikes,
    recipients,
    group,
    workers: upTo(3),
    concurrency: one([1, 5, 20, 50]),
    faults: { ...one(FAULTS), seed: upTo(1_000_000) },
    canary,
    deeds,
    // With few messages: each takes several answers.
    redisMs: chance(0.1) && messages <= 100 ? upTo(40) : undefined,
  };
}

/** One line for a person. */
export function describeScenario(scenario: Scenario): string {
  const { policy, strikes, recipients, group = 1, workers, concurrency, faults } = scenario;
  const { canary, deeds = [], redisMs } = scenario;
  const blows = strikes.map(({ at, nth, victim }) => `${victim} ${at} (${nth})`).join('; ');
  const done = deeds.map((deed) => ('after' in deed ? `${deed.do} at ${deed.after}` : deed.do));
  if (redisMs !== undefined) done.unshift(`Redis ${redisMs} ms away`);
  if (canary !== undefined) done.unshift(`canary ${canary}`);
  const size = `${recipients} recipients by ${group}, ${workers} workers of ${concurrency}`;
  const rest = `faults ${JSON.stringify(faults)}: ${blows}`;
  return [`${policy}, ${size}`, ...done, rest].join(', ');
}
