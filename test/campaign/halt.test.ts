/** A campaign that EngageLab refuses whole: it stops by itself, says why, and goes on when it is told to. */
import { expect, test } from 'vitest';
import { resume } from '../../src/producer/control/control.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { HALT_AFTER, haltOf, whyHalted } from '../../src/shared/halt.ts';
import { numberAt, openFleet, people } from '../support/fleet.ts';

const patiently = { timeout: 30_000, interval: 20 };
const CONCURRENCY = 10;

async function openRefused(haltAfter?: number | 'never') {
  const fleet = await openFleet({ faults: { latency: 5, rates: { '4001': 1 } } });
  await fleet.send('spring', people(500), { haltAfter });
  const worker = fleet.createWorker({ VOLLEY_CONCURRENCY: String(CONCURRENCY) });
  await worker.start();
  const status = () => campaignStatus(fleet.redis, fleet.keys, 'spring');
  const isAtRest = async () => {
    const { state, jobs } = await status();
    return (state === 'paused' || state === 'finished') && jobs.active === 0;
  };
  return { ...fleet, worker, status, isAtRest };
}

test('refused from the first on, it stops after twenty and what was under way, once', async () => {
  const fleet = await openRefused();
  const { redis, keys, sandbox, log, status, isAtRest } = fleet;
  await expect.poll(isAtRest, patiently).toBe(true);
  const halted = await status();
  expect(halted).toMatchObject({ state: 'paused', paused: { by: 'halt' }, balanced: true });
  expect(halted.paused?.since).toBeGreaterThan(1_700_000_000_000);
  expect(halted.paused?.why).toMatch(
    /^20 messages in a row refused with 4001, none accepted between; EngageLab said: template not found\. .*volley resume spring goes on/,
  );
  expect(halted.rejected).toBeGreaterThanOrEqual(HALT_AFTER);
  expect(halted.rejected).toBeLessThanOrEqual(HALT_AFTER + CONCURRENCY);
  expect(sandbox.stats().requests).toBe(halted.rejected);
  await log.line('campaign halted');
  expect(log.lines.filter((line) => line.includes('campaign halted'))).toHaveLength(1);

  // Mended; and once more broken: it has been told to go on.
  const resumed = await resume(redis, keys, 'spring');
  expect(resumed).toMatchObject({ state: 'sending', changed: true, passes: '4001' });
  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  expect(await status()).toMatchObject({ rejected: 500, accepted: 0, paused: null });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });

  // A replay is begun by somebody who takes it for mended: it halts too, and goes on to everybody once it is.
  const choice = { codes: ['4001'] };
  const again = async () => (await replay(redis, keys, 'spring', choice)).busy;
  await expect.poll(again, patiently).toBe(0);
  await expect.poll(async () => (await status()).paused?.by, patiently).toBe('halt');
  await expect.poll(isAtRest, patiently).toBe(true);
  expect((await status()).pending).toBeGreaterThanOrEqual(500 - HALT_AFTER - CONCURRENCY);
  sandbox.setFaults({ rates: {} });
  await resume(redis, keys, 'spring');
  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  await expect.poll(again, patiently).toBe(0);
  await expect.poll(async () => (await status()).accepted, patiently).toBe(500);
  expect(sandbox.stats()).toMatchObject({ numbers: 500, most_texts: 1 });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });
});

test('told never to, it does not stop', async () => {
  const { status } = await openRefused('never');
  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  expect(await status()).toMatchObject({ rejected: 500 });
});

test('one accepted among them is enough, and those of many codes are no row', async () => {
  const refused = Array.from({ length: 100 }, (_none, at) => [
    numberAt(at),
    at % 2 === 0 ? '5001' : '3003',
  ]);
  const fleet = await openFleet({ faults: { on_number: Object.fromEntries(refused) } });
  await fleet.send('mixed', people(200), { haltAfter: 3 });
  await fleet.createWorker({ VOLLEY_CONCURRENCY: '1' }).start();
  const status = () => campaignStatus(fleet.redis, fleet.keys, 'mixed');
  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  expect(await status()).toMatchObject({ rejected: 100, accepted: 100 });
});

test.each([
  [0, 'haltAfter: expected a whole number from 1 on, or '],
  [1.5, 'haltAfter: expected a whole number from 1 on, or '],
  [Number.NaN, 'haltAfter: expected a whole number from 1 on, or '],
])('haltAfter %d is refused', async (haltAfter, message) => {
  const fleet = await openFleet();
  await expect(fleet.send('spring', people(1), { haltAfter })).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringContaining(message),
  });
});

test('the reason names what helps by its code, and shows no number', () => {
  const why = (written: string, haltAfter?: number) => whyHalted('x', haltOf(written), haltAfter);
  expect(why('3003 no balance for +6591234567', 1)).toMatch(
    /^1 message refused with 3003, .*EngageLab said: no balance for \+65\*{4}4567\. .*balance/,
  );
  expect(why('http_400 ')).toMatch(
    /^20 messages in a row refused with http_400, none accepted between\. .*ENGAGELAB_BASE_URL/,
  );
  expect(why('1234 odd')).toContain('volley replay x --code 1234 sends again');
});
