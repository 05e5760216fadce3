/** Workers are told to stop one after another while they are busy: nothing is lost, not even an attempt. */
import { expect, onTestFinished, test } from 'vitest';
import { type AuditLine, audit } from '../../src/producer/report/audit.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { send } from '../../src/producer/send/send.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { people } from '../support/people.ts';
import { connect, redisUrl, testPrefix } from '../support/redis.ts';
import { WorkerFleet } from '../support/workers.ts';

const RECIPIENTS = 400;
const SLOWEST_MS = 400;
/** Far below the grace of 40 s that a stop is given. */
const SOON_MS = 15_000;

test('a rolling restart loses no message and no attempt', { timeout: 120_000 }, async () => {
  const keys = createKeys(testPrefix());
  const redis = connect();
  const sandbox = await startSandbox({ faults: { latency: [50, SLOWEST_MS] } });
  onTestFinished(() => sandbox.stop());
  const environment = { VOLLEY_RATE: '150', VOLLEY_CONCURRENCY: '20' };
  const where = { redisUrl: redisUrl(), prefix: keys.prefix, baseUrl: sandbox.url };
  const fleet = new WorkerFleet({ ...where, environment });
  onTestFinished(async () => {
    await fleet.endAll('SIGKILL');
  });
  await send(redis, keys, { rows: people(RECIPIENTS) }, { campaign: 'list', template: 'promo' });
  const status = () => campaignStatus(redis, keys, 'list');
  for (let place = 0; place < 3; place++) fleet.start(place);

  for (let place = 0; place < 3; place++) {
    const patiently = { timeout: 60_000, interval: 10 };
    const { requests } = sandbox.stats();
    await expect.poll(() => sandbox.stats().requests, patiently).toBeGreaterThan(requests + 40);
    await expect.poll(() => sandbox.stats().in_flight, patiently).toBeGreaterThan(0);
    const startedAt = performance.now();
    expect(await fleet.end(place, 'SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(SLOWEST_MS + SOON_MS);
    fleet.start(place);
  }
  await expect.poll(async () => (await status()).state, { timeout: 60_000 }).toBe('finished');
  expect(await fleet.endAll('SIGTERM')).toEqual([0, 0, 0]);

  expect(await status()).toMatchObject({
    accepted: RECIPIENTS,
    balanced: true,
    jobs: { waiting: 0, active: 0, delayed: 0, failed: 0 },
  });
  const lines: AuditLine[] = [];
  for await (const piece of audit(redis, keys, 'list')) lines.push(...piece);
  expect(lines.map(({ attempts }) => attempts.length)).toEqual(lines.map(() => 1));
  expect(sandbox.stats()).toMatchObject({ requests: RECIPIENTS, texts: RECIPIENTS, most_texts: 1 });
});
