/** Redis is away, and back: nothing is sent that could not be written down, and the work goes on by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OUTAGES, type Outage, openOutage, RATE, untilRequests } from './outage.ts';

/** By then whatever had been permitted before has been sent. */
const SETTLING_MS = 1500;
const AWAY_MS: Record<Outage, number> = {
  killed: 4500,
  restarted: 1500,
  frozen: 1500,
  full: 1500,
  'read-only': 1500,
};
const RECIPIENTS = 300;

test('of a Redis that is away, in whatever way', { timeout: 240_000 }, async () => {
  // Side by side, each on a Redis of its own: what they do is wait.
  const ends = await Promise.allSettled(OUTAGES.map(endure));
  const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('\n'));
});

async function endure(outage: Outage): Promise<void> {
  const scene = await openOutage(RECIPIENTS);
  await untilRequests(scene, 80);
  const giveBack = await scene.take[outage]();
  await sleep(SETTLING_MS);
  const before = scene.requests();
  await sleep(AWAY_MS[outage]);
  expect(scene.requests(), `sent while it could not be written down: ${outage}`).toBe(before);
  await giveBack();

  const finished = { timeout: 120_000, interval: 100 };
  await expect
    .poll(async () => (await scene.status()).state, { ...finished, message: outage })
    .toBe('finished');
  expect(await scene.status()).toMatchObject({ accepted: RECIPIENTS, balanced: true });
  expect(await scene.verify()).toMatchObject({ differences: [] });
  expect(scene.sandbox.stats()).toMatchObject({ texts: RECIPIENTS, texted_again: 0 });
  // as many as the limit lets through; some more may arrive together on a busy machine
  const times = [...scene.sandbox.arrivals()].map(({ ms }) => ms);
  const within = times.map((from, at) => times.slice(at).filter((ms) => ms < from + 1000).length);
  expect(Math.max(...within)).toBeLessThan(1.6 * RATE);

  const isGone = outage === 'killed' || outage === 'restarted';
  expect(scene.logged('connection lost'), scene.log()).toEqual(isGone ? [1, 1] : [0, 0]);
  expect(scene.logged('connection is back')).toEqual(isGone ? [1, 1] : [0, 0]);
  expect(await scene.workers.endAll('SIGTERM')).toEqual([0, 0]);
}
