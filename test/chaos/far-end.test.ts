/** Somebody else answers in the middle of a campaign: a login page, a page that is not there, a redirect, a proxy. */
import { expect, onTestFinished, test } from 'vitest';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { verify } from '../../src/producer/report/verify.ts';
import { send } from '../../src/producer/send/send.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { openValve, readValve } from '../../src/shared/fleet/valve.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { openFrontDoor } from '../support/front-door.ts';
import { people } from '../support/people.ts';
import { connect, redisUrl, testPrefix } from '../support/redis.ts';
import { WorkerFleet } from '../support/workers.ts';

const PEOPLE = 600;
const WORKERS = 2;
const CONCURRENCY = 10;
/** Twenty lock; what was under way beside them is burnt, too. */
const MOST_BURNT = 20 + WORKERS * CONCURRENCY;
const patiently = { timeout: 60_000, interval: 20 };

test('costs what is under way and little more, each time; the rest is sent when it is released', {
  timeout: 240_000,
}, async () => {
  const redis = connect();
  const keys = createKeys(testPrefix());
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.stop());
  const door = await openFrontDoor(sandbox.url);
  const logs: string[] = [];
  const workers = new WorkerFleet({
    ...{ redisUrl: redisUrl(), prefix: keys.prefix, baseUrl: door.url },
    environment: { VOLLEY_RATE: '150', VOLLEY_CONCURRENCY: String(CONCURRENCY) },
    onLog: (text) => logs.push(text),
  });
  onTestFinished(async () => {
    await workers.endAll('SIGKILL');
  });
  await send(redis, keys, { rows: people(PEOPLE) }, { campaign: 'list', template: 'promo' });
  for (let place = 0; place < WORKERS; place++) workers.start(place);
  const status = () => campaignStatus(redis, keys, 'list');
  const locks = async () =>
    (await readValve(redis, keys.fleet, Date.now())).map(({ reason }) => reason);

  for (const wrong of ['login-page', '404', '302', '407'] as const) {
    const [sent, burnt] = [sandbox.stats().requests, door.burnt()];
    await expect.poll(() => sandbox.stats().requests, patiently).toBeGreaterThan(sent + 30);
    door.setWrong(wrong);
    await expect.poll(locks, patiently).toEqual(['far_end']);
    // what was under way has come back
    await expect.poll(door.underWay, patiently).toBe(0);
    expect(door.burnt() - burnt, wrong).toBeGreaterThanOrEqual(20);
    expect(door.burnt() - burnt, wrong).toBeLessThanOrEqual(MOST_BURNT);
    door.setWrong(undefined);
    expect(await openValve(redis, keys.fleet), wrong).toEqual([]);
    expect(await openValve(redis, keys.fleet, 'far_end')).toEqual(['far_end']);
  }

  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  const { accepted, rejected, unconfirmed, balanced } = await status();
  expect({ balanced, all: accepted + rejected + unconfirmed }).toEqual({
    ...{ balanced: true, all: PEOPLE },
  });
  expect(rejected + unconfirmed).toBe(door.burnt());
  expect(logs.join('').match(/valve locked: far_end/g)).toHaveLength(4);

  // nobody but somebody else has seen those that were refused
  await replay(redis, keys, 'list', { states: ['rejected'] });
  await expect.poll(async () => (await status()).pending, patiently).toBe(0);
  expect(await status()).toMatchObject({ accepted: PEOPLE - unconfirmed, rejected: 0 });
  expect(await verify(redis, keys, 'list')).toMatchObject({ differences: [] });
  expect(sandbox.stats()).toMatchObject({ texts: PEOPLE - unconfirmed, texted_again: 0 });
  expect(await workers.endAll('SIGTERM')).toEqual([0, 0]);
});
