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

test('whatever fails, at any point or in a campaign of chance, nobody is lost or texted twice', {
  timeout: 300_000,
}, async () => {
  const cells = crossSection();
  const faults: string[] = [];
  const playCells = sideBySide(LANES - 1, async () => {
    const cell = cells.shift();
    if (cell === undefined) return false;
    faults.push(...faultsOf({ cell, report: await play(cell, searchPath) }));
    return true;
  });
  await Promise.all([playCells, playChance(faults)]);
  expect(faults).toEqual([]);
});

async function playChance(faults: string[]): Promise<void> {
  const seed = Date.now() % 1_000_000;
  const scenario = randomScenario(randomFrom(seed));
  const { problems } = await play(scenario, searchPath);
  if (problems.length === 0) return;
  const again = `npm run chaos -- --seed ${seed} --rounds 1: ${describeScenario(scenario)}`;
  faults.push(again, ...problems);
}
