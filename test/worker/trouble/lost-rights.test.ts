/** A right is taken away while a worker sends, and given back: nothing spins, nobody is lost or doubled, every count holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../../src/producer/producer.ts';
import { describeError } from '../../../src/shared/errors.ts';
import { NEEDED } from '../../../src/shared/redis/rights-table.ts';
import { startOwnRedis } from '../../cli/scene.ts';
import { numberAt, openFleet, people } from '../../support/fleet.ts';

const patiently = { timeout: 60_000, interval: 50 };
const ROWS = 300;
/** A second, of a worker that rests. Without, it is thousands. */
const FEW = 500;

/** A worker under a user whose rights can be changed, with a campaign under way. */
async function openSending() {
  const { admin, url, port } = await startOwnRedis();
  const change = (...rights: string[]) => admin.call('ACL', 'SETUSER', 'narrow', ...rights);
  await change('on', '>geheim', '~*', '&*', '+@all');
  const { createWorker, sandbox, log } = await openFleet({ faults: { latency: [5, 20] } });
  const worker = createWorker({
    REDIS_URL: `redis://narrow:geheim@127.0.0.1:${port}`,
    VOLLEY_PREFIX: 'volley',
    VOLLEY_RATE: '200',
    VOLLEY_LOCK_MS: '2000',
  });
  const producer = createProducer({ redis: url });
  await producer.send({ rows: people(ROWS) }, { template: 'promo', campaign: 'spring' });
  onTestFinished(async () => void (await change('+@all')));
  await worker.start();
  const status = () => producer.status('spring');
  await expect.poll(async () => (await status()).accepted, patiently).toBeGreaterThan(0);
  return { admin, change, producer, sandbox, log, status, worker };
}

test.for(['hincrby', 'hset', '@all'])('%s, in the middle of a campaign', async (right) => {
  const { admin, change, producer, sandbox, log, status, worker } = await openSending();
  const asked = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1]);
  await change(`-${right}`);
  const askedPerSecond = async () => {
    const [before, since] = [await asked(), performance.now()];
    await sleep(500);
    return (1000 * ((await asked()) - before)) / (performance.now() - since);
  };
  // Once what was under way has come to its end.
  await expect.poll(askedPerSecond, patiently).toBeLessThan(FEW);
  await change(`+${right}`);

  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  expect(await status()).toMatchObject({ accepted: ROWS, unconfirmed: 0, balanced: true });
  expect(await producer.verify('spring')).toMatchObject({ verified: true });
  const texts = people(ROWS).map((_row, at) => sandbox.textsTo(numberAt(at))?.count);
  expect(texts.every((count) => count === 1)).toBe(true);
  // Each kind of failure was told of once.
  const told = log.lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  const kinds = told.map(({ campaign, msg, error }) => JSON.stringify([campaign, msg, error]));
  expect(kinds.toSorted()).toEqual([...new Set(kinds)].toSorted());
  await worker.stop();
  await producer.close();
});

test('replies that may not be written down are told of, and nothing is sent; a stop gives them up', async () => {
  const { change, log, sandbox, worker } = await openSending();
  await change('-hincrby');
  await expect.poll(() => log.lines.join(), patiently).toContain('replies cannot be written down');
  // What had its permit by then goes out.
  await sleep(500);
  const { requests } = sandbox.stats();
  await sleep(500);
  expect(sandbox.stats().requests).toBe(requests);
  await worker.stop();
});

test('a user that is gone with replies under way, and is made anew: they are kept and written down', async () => {
  const { admin, change, producer, sandbox, status, worker } = await openSending();
  sandbox.setFaults({ latency: [200, 200] });
  await sleep(300);
  await admin.call('ACL', 'DELUSER', 'narrow');
  await sleep(1000);
  await change('on', '>geheim', '~*', '&*', '+@all');
  await expect.poll(async () => (await status()).state, patiently).toBe('finished');
  expect(await status()).toMatchObject({ accepted: ROWS, unconfirmed: 0, balanced: true });
  await worker.stop();
  await producer.close();
});

test('whoever lacks one right of the table names it within two seconds, whichever it is', {
  timeout: 60_000,
}, async () => {
  const { admin, port } = await startOwnRedis();
  const { createWorker } = await openFleet();
  const missed: string[] = [];
  let slowest = 0;
  for (const { command } of NEEDED) {
    await admin.call(
      'ACL',
      'SETUSER',
      command,
      'on',
      '>geheim',
      '~*',
      '&*',
      '+@all',
      `-${command}`,
    );
    const user = encodeURIComponent(command);
    // From the connection on: a process has its own start before that.
    const began = performance.now();
    const worker = createWorker({ REDIS_URL: `redis://${user}:geheim@127.0.0.1:${port}` });
    const said = await worker.start().then(() => 'started', describeError);
    slowest = Math.max(slowest, performance.now() - began);
    await worker.stop();
    if (!said.toLowerCase().includes(command.replace('|', ' '))) missed.push(`${command}: ${said}`);
  }
  expect(missed).toEqual([]);
  expect(slowest).toBeLessThan(2000);
});
