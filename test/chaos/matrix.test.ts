/** The short form of the failure suite; `npm run chaos` is the long one. */
import { expect, test } from 'vitest';
import { randomFrom } from '../../src/sandbox/chance.ts';
import { searchPath } from '../support/redis.ts';
import { crossSection } from './cells.ts';
import { sideBySide } from './lanes.ts';
import { describeScenario, randomScenario } from './random.ts';
import { play } from './scenario.ts';
import { faultsOf } from './table.ts';

/** Most of a scenario's time goes by in waiting for locks and time-outs. */
const LANES = 4;

test('whatever fails at any point, nobody is lost or texted twice', {
  timeout: 240_000,
}, async () => {
  const cells = crossSection();
  const faults: string[] = [];
  await sideBySide(LANES, async () => {
    const cell = cells.shift();
    if (cell === undefined) return false;
    faults.push(...faultsOf({ cell, report: await play(cell, searchPath) }));
    return true;
  });
  expect(faults).toEqual([]);
});

test('nor in a campaign of chance', { timeout: 120_000 }, async () => {
  const seed = Date.now() % 1_000_000;
  const scenario = randomScenario(randomFrom(seed));
  const { problems } = await play(scenario, searchPath);
  const again = `npm run chaos -- --seed ${seed} --rounds 1: ${describeScenario(scenario)}`;
  expect(problems, again).toEqual([]);
});
