import { expect, onTestFinished, test } from 'vitest';
import { suppress, unsuppress } from '../../../src/shared/fleet/suppression.ts';
import { lockValve, openValve } from '../../../src/shared/fleet/valve.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from '../../support/fleet.ts';
import { notifierOn } from '../../support/notifier.ts';

/** Rows that share one request. */
const alike = (count: number) => people(count).map(({ to }) => ({ to }));

const optOut = (fleet: Fleet, ...numbers: string[]) =>
  suppress(fleet.redis, fleet.keys.suppression, numbers);

const texted = (fleet: Fleet) => [...fleet.sandbox.texts()].map(({ to }) => to);

/** A worker that serves the campaign, while its messages wait for the valve. */
async function heldFleet(campaign: string, rows: readonly { to: string }[]) {
  const fleet = await openFleet();
  const { fleet: keys } = fleet.keys;
  await lockValve(fleet.redis, keys, { reason: 'operator', since: Date.now(), detail: 'test' });
  await fleet.send(campaign, rows);
  const worker = fleet.createWorker();
  const finished = new Promise<void>((resolve) => {
    worker.on('detached', (id) => id === campaign && resolve());
  });
  await worker.start();
  await fleet.log.line('the valve is locked');
  return {
    fleet,
    async letGo() {
      await openValve(fleet.redis, keys);
      await finished;
    },
  };
}

test('a number that opts out while its message waits is not texted', async () => {
  const { fleet, letGo } = await heldFleet('alone', alike(1));
  await optOut(fleet, numberAt(0));
  await letGo();
  expect(fleet.sandbox.stats().requests).toBe(0);
  expect(await fleet.counts('alone')).toEqual({ opted_out: 1 });
  expect(await fleet.ended('alone')).toMatchObject({
    state: 'failed',
    reason: 'of 1 messages: 1 opted_out',
  });
  expect(await fleet.lines('alone')).toMatchObject([
    { state: 'opted_out', to: [numberAt(0)], opted_out: [numberAt(0)], attempts: [] },
  ]);
  expect(await fleet.verify('alone')).toMatchObject({ verified: true });
});

test('one that opts out between two attempts counts under no code', async () => {
  const fleet = await openFleet({ faults: { on_number: { [numberAt(0)]: '502' } } });
  await fleet.send('between', alike(1));
  const settings = { VOLLEY_ATTEMPTS: '1000', VOLLEY_BACKOFF_BASE_MS: '20' };
  const worker = fleet.createWorker({ ...settings, VOLLEY_BACKOFF_CAP_MS: '50' });
  const ended = workUntilFinished(worker, 'between');
  const requests = () => fleet.sandbox.stats().requests;
  await expect.poll(requests, { timeout: 30_000 }).toBeGreaterThan(0);
  await optOut(fleet, numberAt(0));
  await ended;
  expect(await fleet.counts('between')).toEqual({ opted_out: 1 });
  expect(await fleet.verify('between')).toMatchObject({ verified: true, differences: [] });
});

test('numbers of a batch of 500 that opt out while it waits are left out of its request', async () => {
  const { fleet, letGo } = await heldFleet('batch', alike(500));
  const gone = [numberAt(0), numberAt(77), numberAt(499)];
  await optOut(fleet, ...gone);
  await letGo();
  expect(fleet.sandbox.stats()).toMatchObject({ requests: 1, texts: 497, numbers: 497 });
  expect(texted(fleet).filter((number) => gone.includes(number))).toEqual([]);
  expect(await fleet.counts('batch')).toEqual({ accepted: 497, opted_out: 3 });
  expect(await fleet.ended('batch')).toMatchObject({
    state: 'completed',
    returned: { outcome: 'accepted', total_count: 497, accepted_count: 497 },
  });
  const [line] = await fleet.lines('batch');
  expect(line).toMatchObject({
    state: 'accepted',
    opted_out: gone,
    total_count: 497,
    accepted_count: 497,
    attempts: [{ outcome: 'accepted', opted_out: gone, total_count: 497, accepted_count: 497 }],
  });
  expect(line?.to).toHaveLength(500);
  expect(await fleet.verify('batch')).toMatchObject({ verified: true, recipients: 500 });
});

test('of a pack each message leaves out its own, and one without others is not sent', async () => {
  const { fleet, letGo } = await heldFleet('pack', people(40));
  await optOut(fleet, numberAt(3), numberAt(39));
  await letGo();
  expect(fleet.sandbox.stats()).toMatchObject({ requests: 38, numbers: 38 });
  expect(await fleet.counts('pack')).toEqual({ accepted: 38, opted_out: 2 });
  const lines = await fleet.lines('pack');
  expect(lines.flatMap(({ state, to }) => (state === 'opted_out' ? to : []))).toEqual([
    numberAt(3),
    numberAt(39),
  ]);
  expect(await fleet.verify('pack')).toMatchObject({ verified: true });
});

test('every attempt looks again, and names what it left out', async () => {
  // an attempt is over when its request is; what changes then is for the next one
  const changes = [
    (fleet: Fleet) => optOut(fleet, numberAt(0), numberAt(1)),
    (fleet: Fleet) => unsuppress(fleet.redis, fleet.keys.suppression, [numberAt(0)]),
  ];
  const fleet: Fleet = await openFleet({
    faults: { on_template: { promo: '500' } },
    onRequest: async ({ point, request }) => {
      if (point !== 'received') return;
      // what befalls a request is settled before this is called
      if (request === 2) fleet.sandbox.setFaults({ on_template: {} });
      await changes[request - 1]?.(fleet);
    },
  });
  await fleet.send('again', alike(3));
  await workUntilFinished(fleet.createWorker(), 'again');
  const [line] = await fleet.lines('again');
  expect(line?.attempts.map(({ opted_out }) => opted_out)).toEqual([
    [],
    [numberAt(0), numberAt(1)],
    [numberAt(1)],
  ]);
  expect(line).toMatchObject({ opted_out: [numberAt(1)], total_count: 2 });
  expect(await fleet.counts('again')).toMatchObject({ accepted: 2, opted_out: 1 });
});

test('who was in a request that may have been sent is not counted as opted out', async () => {
  const fleet: Fleet = await openFleet({
    faults: { on_template: { promo: 'close-after' } },
    onRequest: async ({ point, request }) => {
      if (point === 'received' && request === 1) await optOut(fleet, numberAt(0), numberAt(1));
    },
  });
  await fleet.send('unsure', alike(3), { onUnconfirmed: 'resend' });
  await workUntilFinished(fleet.createWorker({ VOLLEY_ATTEMPTS: '2' }), 'unsure');
  expect(await fleet.counts('unsure')).toEqual({ unconfirmed: 3 });
  const [line] = await fleet.lines('unsure');
  expect(line).toMatchObject({ state: 'unconfirmed', opted_out: [] });
  expect(line?.attempts.map(({ opted_out }) => opted_out.length)).toEqual([0, 2]);
  expect(await fleet.verify('unsure')).toMatchObject({ verified: true });
});

test('a notification to a number that has opted out is not sent', async () => {
  const fleet = await openFleet();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  await optOut(fleet, numberAt(0));
  await fleet.createWorker().start();
  const { result } = await notifier.notify({ to: numberAt(0), template: 'otp' });
  expect(await result()).toMatchObject({ state: 'opted_out', opted_out: [numberAt(0)] });
  expect(fleet.sandbox.stats().requests).toBe(0);
  expect(await fleet.counts('notifications')).toEqual({ opted_out: 1 });
});

test('a list is enqueued without those that have opted out, counted after duplicates', async () => {
  const fleet = await openFleet();
  await optOut(fleet, numberAt(0), numberAt(4));
  const rows = [{ to: 'nobody' }, ...alike(9), ...alike(1)];
  expect(await fleet.send('list', rows)).toMatchObject({
    ...{ rows: 11, invalid: 1, duplicate: 1, suppressed: 2, recipients: 7 },
  });
  await workUntilFinished(fleet.createWorker(), 'list');
  expect(texted(fleet)).toHaveLength(7);
  expect(await fleet.counts('list')).toMatchObject({ suppressed: 2, accepted: 7 });
});
