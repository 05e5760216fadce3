import { expect, test } from 'vitest';
import { openFleet, people } from '../../support/fleet.ts';

/** A first request may arrive late by this, ms: it opens a connection, and the machine may be busy with other tests. */
const LATE_MS = 300;

/** The sandbox's arrivals of one template, in ms. */
function arrivalsOf(fleet: Awaited<ReturnType<typeof openFleet>>, template: string): number[] {
  return [...fleet.sandbox.arrivals()]
    .filter((each) => each.template === template)
    .map((each) => each.ms);
}

test('a campaign keeps its own limit on two workers, while another goes as fast as the fleet may', async () => {
  const fleet = await openFleet({ recordArrivals: true });
  await fleet.send('slow', people(40), { template: 'slow', rate: 20 });
  await fleet.send('fast', people(400), { template: 'fast' });
  const workers = [fleet.createWorker(), fleet.createWorker()];
  const finished = workers.map((worker) => detached(worker, 'slow'));
  await Promise.all(workers.map((worker) => worker.start()));
  await Promise.all(finished);

  const slow = arrivalsOf(fleet, 'slow');
  expect(slow).toHaveLength(40);
  // 39 slots of 50 ms after the first; the fleet's own limit would have let them through in a hundredth of it.
  expect((slow.at(-1) ?? 0) - (slow[0] ?? 0)).toBeGreaterThan(39 * 50 - LATE_MS);
  const fast = arrivalsOf(fleet, 'fast');
  expect(fast).toHaveLength(400);
  expect(fast.at(-1)).toBeLessThan(slow.at(-1) ?? 0);
});

test('a campaign keeps its own limit on recipients', async () => {
  const fleet = await openFleet({ recordArrivals: true });
  const rows = people(300).map(({ to }) => ({ to }));
  await fleet.send('batches', rows, { batchSize: 50, recipientRate: 150 });
  const worker = fleet.createWorker();
  const finished = detached(worker, 'batches');
  await worker.start();
  await finished;

  const arrivals = arrivalsOf(fleet, 'promo');
  expect(arrivals).toHaveLength(6);
  // The last batch waits until the five before it have been paid off: 250 recipients at 150 a second.
  expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan((250 / 150) * 1000 - LATE_MS);
});

function detached(
  worker: ReturnType<Awaited<ReturnType<typeof openFleet>>['createWorker']>,
  id: string,
) {
  return new Promise<void>((resolve) => {
    worker.on('detached', (campaign) => campaign === id && resolve());
  });
}
