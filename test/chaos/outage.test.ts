/** Redis is away, and back: nothing is sent that could not be written down, and the work goes on by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OUTAGES, type Outage, openOutage, RATE, untilRequests } from './outage.ts';

/** By then whatever had been permitted before has been sent. */
const SETTLING_MS = 1500;
const AWAY_MS: Record<Outage, number> = {
  killed: 8500,
  restarted: 1500,
  frozen: 1500,
  full: 1500,
  'read-only': 1500,
};
const RECIPIENTS = 300;

test.each(OUTAGES)('of a Redis that is %s', { timeout: 120_000 }, async (outage) => {
  const scene = await openOutage(RECIPIENTS);
  await untilRequests(scene, 80);
  const giveBack = await scene.take[outage]();
  await sleep(SETTLING_MS);
  const before = scene.requests();
  await sleep(AWAY_MS[outage]);
  expect(scene.requests(), 'sent while it could not be written down').toBe(before);
  await giveBack();

  const finished = { timeout: 60_000, interval: 100 };
  await expect.poll(async () => (await scene.status()).state, finished).toBe('finished');
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
});
