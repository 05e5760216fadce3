/** Completed jobs that another program, such as a dashboard, has queued again with BullMQ's own means. */
import { expect, test } from 'vitest';
import { replay } from '../../../src/producer/replay/replay.ts';
import { numberAt, openFleet, people, workUntilFinished } from '../../support/fleet.ts';

/** Ended, and its ledger folded where it can be. */
async function openEnded(recipients: number, faults = {}) {
  const fleet = await openFleet({ faults });
  await fleet.send('spring', people(recipients));
  await workUntilFinished(fleet.createWorker(), 'spring');
  const own = fleet.keys.campaign('spring');
  const hasLedger = () => fleet.redis.exists(own.ledger('spring-0000000'));
  const runAgain = async () => {
    await (await fleet.jobOf('spring')).retry('completed');
    // While it waits, nothing of it is known but that.
    expect(await fleet.verify('spring')).toMatchObject({ verified: true });
    // Workers have let go of the campaign; any replay in it would make them look again.
    await fleet.redis.hincrby(fleet.keys.fleet.serving, 'spring', 1);
  };
  return { fleet, hasLedger, runAgain };
}

test('a pack whose record goes with the retry texts nobody, and still counts as accepted', async () => {
  const { fleet, hasLedger, runAgain } = await openEnded(5);
  await expect.poll(hasLedger, { timeout: 30_000 }).toBe(0);
  await runAgain();
  const state = async () => (await fleet.ended('spring')).state;
  await expect.poll(state, { timeout: 30_000 }).toBe('failed');
  expect((await fleet.ended('spring')).reason).toContain('everybody in it was accepted before');
  expect(await fleet.counts('spring')).toEqual({ accepted: 5 });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true, recipients: 5 });
  const lines = await fleet.lines('spring');
  expect(lines.map(({ state, to }) => [state, ...to])).toEqual(
    people(5).map(({ to }) => ['accepted', to]),
  );
  expect(lines[0]?.detail).toContain('retried the completed job');

  // Neither a retry of what failed nor a replay finds anything to send in it.
  expect(await replay(fleet.redis, fleet.keys, 'spring', { mayDouble: true })).toMatchObject({
    planned: { messages: 0 },
  });
  await (await fleet.jobOf('spring')).retry('failed');
  await fleet.redis.hincrby(fleet.keys.fleet.serving, 'spring', 1);
  await expect.poll(state, { timeout: 30_000 }).toBe('failed');
  expect(await fleet.counts('spring')).toEqual({ accepted: 5 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 5, most_texts: 1 });
});

test.for([
  ['of one message', 1, {}],
  // What it lacks would be told by nothing else, so its ledger stays.
  ['with a shortfall', 3, { on_number: { [numberAt(1)]: 'partial' } }],
] as const)('a job %s has its ledger still, and ends as it did', async ([, recipients, faults]) => {
  const { fleet, hasLedger, runAgain } = await openEnded(recipients, faults);
  const before = await fleet.counts('spring');
  const { returned } = await fleet.ended('spring');
  expect(await hasLedger()).toBe(1);
  await runAgain();
  await expect
    .poll(() => fleet.ended('spring'), { timeout: 30_000 })
    .toMatchObject({ state: 'completed', returned });
  expect(await fleet.counts('spring')).toEqual(before);
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });
  expect(fleet.sandbox.stats().most_texts).toBeLessThanOrEqual(1);
});
