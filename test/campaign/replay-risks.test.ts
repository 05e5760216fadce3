/** Who may have been texted is not forgotten on the way through several replays. */
import { expect, test } from 'vitest';
import { cancel } from '../../src/producer/control/control.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { lockValve, openValve } from '../../src/shared/fleet/valve.ts';
import { type Fleet, numberAt, openFleet, workUntilFinished } from '../support/fleet.ts';

/** Four in one message, of whom one was not accepted; nobody knows which. */
async function openShort(): Promise<Fleet> {
  const fleet = await openFleet({ faults: { on_number: { [numberAt(0)]: 'partial' } } });
  const rows = [0, 1, 2, 3].map((at) => ({ to: numberAt(at), params: { name: 'all' } }));
  await fleet.send('spring', rows);
  await workUntilFinished(fleet.createWorker(), 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 3, shortfall: 1 });
  return fleet;
}

const finished = (fleet: Fleet, counts: Record<string, number>) =>
  expect.poll(() => fleet.counts('spring'), { timeout: 30_000 }).toEqual(counts);

test('what was cancelled while it waited for its replay still has its accepted ones', async () => {
  const fleet = await openShort();
  await lockValve(fleet.redis, fleet.keys.fleet, {
    ...{ reason: 'operator', since: Date.now(), detail: 'test' },
  });
  await replay(fleet.redis, fleet.keys, 'spring', { states: ['shortfall'] });
  await cancel(fleet.redis, fleet.keys, 'spring');
  const inLine = () => fleet.queueOf('spring').getJobCountByTypes('wait', 'active', 'delayed');
  await expect.poll(inLine, { timeout: 30_000 }).toBe(0);
  await openValve(fleet.redis, fleet.keys.fleet);

  fleet.sandbox.setFaults({ on_number: { [numberAt(0)]: '5001' } });
  const again = await replay(fleet.redis, fleet.keys, 'spring', { states: ['cancelled'] });
  expect(again.groups).toMatchObject([{ state: 'cancelled', label: 'may_double', chosen: 1 }]);
  await finished(fleet, { accepted: 3, rejected: 1 });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });
});

test('whoever was in a request that reached some of its numbers is sent to only if named', async () => {
  const fleet = await openShort();
  fleet.sandbox.setFaults({ on_number: { [numberAt(2)]: '5001' } });
  await replay(fleet.redis, fleet.keys, 'spring', { states: ['shortfall'], split: 1 });
  // The refusal says nothing of the request before.
  await finished(fleet, { accepted: 3, unconfirmed: 1 });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });
  fleet.sandbox.setFaults({ on_number: {} });
  expect(await replay(fleet.redis, fleet.keys, 'spring')).toMatchObject({
    groups: [{ state: 'unconfirmed', label: 'may_double' }],
    planned: { messages: 0 },
  });
});
