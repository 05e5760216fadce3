/** The short forms of `npm run chaos -- --suspensions`, `--opt-outs` and `--start-times`. */
import { expect, test } from 'vitest';
import { randomFrom } from '../../src/sandbox/chance.ts';
import { searchPath } from '../support/redis.ts';
import { play } from './scenario.ts';
import { optOuts, suspensions } from './series.ts';
import { cancelBeforeStart } from './start-times.ts';

test('nobody is texted before the time, nor after a stop or an opt-out has returned', {
  timeout: 300_000,
}, async () => {
  const seed = Date.now() % 1_000_000;
  const random = randomFrom(seed);
  const scenarios = [...suspensions(6, seed), ...optOuts(60, seed)];
  // Side by side, for what they do is wait.
  const [started, ...reports] = await Promise.all([
    cancelBeforeStart({ path: searchPath, rounds: 20, random }),
    ...scenarios.map((scenario) => play(scenario, searchPath)),
  ]);
  const problems = reports.flatMap((report) => report.problems);
  expect({ seed, problems }).toEqual({ seed, problems: [] });
  expect({ seed, ...started }).toMatchObject({ early: 0, problems: [], rounds: 20 });
  expect(started.inTime).toBeGreaterThan(0);
});
