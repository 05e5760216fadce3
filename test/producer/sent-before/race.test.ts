/** Two that send to the same people at the same time, under two ids: one is released, and one that died blocks nobody. */
import type { Command, Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { send } from '../../../src/producer/send/send.ts';
import { type Fleet, openFleet, people } from '../../support/fleet.ts';
import { connect } from '../../support/redis.ts';

/** Holds up the first script of a connection that has this among its keys and arguments. */
function holdUp(redis: Redis, word: string) {
  const reached = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const sendCommand = redis.sendCommand.bind(redis);
  let isHeld = false;
  redis.sendCommand = (command: Command) => {
    // Not in its text, which a Redis is given that does not know the script yet.
    const values = command.args.slice(1).map(String);
    const isMeant = command.name.startsWith('eval') && values.some((each) => each.includes(word));
    if (isHeld || !isMeant) return sendCommand(command);
    isHeld = true;
    reached.resolve();
    // What comes of it is the command's own promise, too.
    void promise.then(() => sendCommand(command)).catch(() => {});
    return command.promise;
  };
  return { reached: reached.promise, goOn: resolve };
}

/** What only its script has: that of the list, and that of the release. */
const LISTING = 'sent-with:';
const RELEASING = 'fingerprint';

function sendTo(fleet: Fleet, redis: Redis, campaign: string, from = 0, to = 20) {
  const rows = people(to).slice(from).reverse();
  return send(redis, fleet.keys, { rows }, { campaign, template: 'promo' });
}

const refused = { code: 'conflict', details: { why: 'same_list' } };

async function sentWith(fleet: Fleet): Promise<string[]> {
  const [key = ''] = await fleet.redis.keys(`${fleet.keys.prefix}*sent-with:*`);
  return fleet.redis.zrange(key, '0', '-1');
}

test('one that finds another about to be released waits, and is refused', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { reached, goOn } = holdUp(slow, RELEASING);
  const first = sendTo(fleet, slow, 'first');
  await reached;
  const second = sendTo(fleet, fleet.redis, 'second', 0, 21);
  const ended = expect(second).rejects.toMatchObject(refused);
  await expect.poll(() => sentWith(fleet)).toHaveLength(2);
  goOn();
  expect(await first).toMatchObject({ released: true });
  await ended;
  expect(await fleet.redis.keys(`${fleet.keys.prefix}*second*`)).toEqual([]);
  expect(await sentWith(fleet)).toEqual([expect.stringMatching(/ first$/)]);
});

test('one that was overtaken before it was listed is refused', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { reached, goOn } = holdUp(slow, LISTING);
  const first = sendTo(fleet, slow, 'first');
  const ended = expect(first).rejects.toMatchObject(refused);
  await reached;
  expect(await sendTo(fleet, fleet.redis, 'second')).toMatchObject({ released: true });
  goOn();
  await ended;
  expect(await fleet.redis.keys(`${fleet.keys.prefix}*first*`)).toEqual([]);
});

test('one that was listed first is released, whoever was listed after it', async () => {
  const fleet = await openFleet();
  const [slow, other] = [connect(), connect()];
  const [early, late] = [holdUp(slow, RELEASING), holdUp(other, LISTING)];
  const first = sendTo(fleet, slow, 'first');
  await early.reached;
  const second = sendTo(fleet, other, 'second');
  const ended = expect(second).rejects.toMatchObject(refused);
  await late.reached;
  early.goOn();
  expect(await first).toMatchObject({ released: true });
  late.goOn();
  await ended;
});

test('one that was killed between its listing and its release blocks nobody, and is cleared away', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { reached, goOn } = holdUp(slow, RELEASING);
  const first = sendTo(fleet, slow, 'first');
  const lost = expect(first).rejects.toMatchObject({ details: { why: 'send_at_work' } });
  await reached;
  await fleet.redis.del(fleet.keys.campaign('first').lease);
  expect(await sendTo(fleet, fleet.redis, 'second')).toMatchObject({ released: true });
  expect(await sentWith(fleet)).toEqual([expect.stringMatching(/ second$/)]);
  expect(await fleet.redis.keys(`${fleet.keys.prefix}*first*~sketch:*`)).toEqual([]);
  goOn();
  await lost;
});

test('one that was taken back after its listing leaves nothing', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { reached, goOn } = holdUp(slow, LISTING);
  const first = sendTo(fleet, slow, 'first');
  const ended = expect(first).rejects.toMatchObject({ details: { why: 'disturbed' } });
  await reached;
  const { data } = await fleet.jobOf('first');
  await fleet.queueOf('first').add('send', data, { jobId: 'other' });
  goOn();
  await ended;
  expect(await fleet.redis.keys(`${fleet.keys.prefix}*sketch*`)).toEqual([]);
  expect(await fleet.redis.keys(`${fleet.keys.prefix}*sent-with*`)).toEqual([]);
  expect(await sendTo(fleet, fleet.redis, 'second')).toMatchObject({ released: true });
});

test('one that stands still right before its release has the other refused, not released', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { reached, goOn } = holdUp(slow, RELEASING);
  const first = sendTo(fleet, slow, 'first');
  await reached;
  const second = sendTo(fleet, fleet.redis, 'second');
  await expect(second).rejects.toThrow('another send is releasing this message');
  // One to others does not wait.
  expect(await sendTo(fleet, fleet.redis, 'third', 20, 40)).toMatchObject({ released: true });
  goOn();
  expect(await first).toMatchObject({ released: true });
});

test('of several at once one is released', async () => {
  const fleet = await openFleet();
  for (let round = 0; round < 5; round++) {
    const sends = Array.from({ length: 4 }, (_none, at) =>
      sendTo(fleet, connect(), `round-${round}-${at}`, 100 * round, 100 * round + 50 + at),
    );
    const ended = await Promise.allSettled(sends);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of ended)
      if (each.status === 'rejected') expect(each.reason).toMatchObject(refused);
  }
});
