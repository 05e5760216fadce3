/** Replays of campaigns that failed in every way, and what the sandbox then counts. */
import { expect, onTestFinished, test } from 'vitest';
import { type ReplayOptions, replay } from '../../src/producer/replay.ts';
import type { AllFaultSettings } from '../../src/sandbox/options.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from './fleet.ts';

const FAST = { VOLLEY_ATTEMPTS: '2' };

/** Resolves when nothing of the campaign is pending, and every count is what its jobs say. */
async function finished(fleet: Fleet, campaign: string): Promise<void> {
  const look = async () => (await fleet.counts(campaign))['pending'] ?? 0;
  await expect.poll(look, { timeout: 30_000, interval: 20 }).toBe(0);
  expect(await fleet.verify(campaign)).toMatchObject({ verified: true, differences: [] });
}

function replayOf(fleet: Fleet, campaign: string, options: ReplayOptions = {}) {
  return replay(fleet.redis, fleet.keys, campaign, { by: 'ada', ...options });
}

function faults(fleet: Fleet, changes: Partial<AllFaultSettings>): void {
  fleet.sandbox.setFaults(changes);
}

test('replays what is safe, as it is, each once', async () => {
  const fleet = await openFleet({ faults: { on_number: { [numberAt(3)]: '5001', [numberAt(4)]: '502' } } });
  await fleet.send('spring', people(10));
  const worker = fleet.createWorker(FAST);
  await workUntilFinished(worker, 'spring');
  faults(fleet, { on_number: {} });
  const result = await replayOf(fleet, 'spring');
  expect(result).toMatchObject({ planned: { messages: 2, recipients: 2 }, replayed: { messages: 2 }, chapter: 2 });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 10 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 10, most_texts: 1 });
  const lines = await fleet.lines('spring');
  expect(lines[3]).toMatchObject({ state: 'accepted', attempts: [{ code: 5001 }, { outcome: 'accepted' }], replays: [{ chapter: 2, by: 'ada' }] });
});
