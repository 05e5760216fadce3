/** The short forms of `npm run chaos -- --suspensions`, `--opt-outs` and `--start-times`. */
import { expect, test } from 'vitest';
import { randomFrom } from '../../src/sandbox/chance.ts';
import { searchPath } from '../support/redis.ts';
import { sideBySide } from './lanes.ts';
import { play } from './scenario.ts';
import { optOuts, suspensions } from './series.ts';
import { cancelBeforeStart } from './start-times.ts';

/** Most of a scenario's time goes by in waiting. */
const LANES = 2;

test('nobody is texted before the time, nor after a stop or an opt-out has returned', {
  timeout: 300_000,
}, async () => {
  const seed = Date.now() % 1_000_000;
  const random = randomFrom(seed);
  const scenarios = [...suspensions(4, seed), ...optOuts(50, seed)];
  const problems: string[] = [];
  const playAll = sideBySide(LANES, async () => {
    const scenario = scenarios.shift();
    if (scenario === undefined) return false;
    problems.push(...(await play(scenario, searchPath)).problems);
    return true;
  });
  const starting = cancelBeforeStart({ path: searchPath, rounds: 20, random });
  const [started] = await Promise.all([starting, playAll]);
  expect({ seed, problems }).toEqual({ seed, problems: [] });
  expect({ seed, ...started }).toMatchObject({ early: 0, problems: [], rounds: 20 });
  expect(started.inTime).toBeGreaterThan(0);
});
