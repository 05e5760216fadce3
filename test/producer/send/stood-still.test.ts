/** A `send` that stands still for longer than its lease, while another one works on its id. */
import type { Command, Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { campaignStatus } from '../../../src/producer/report/status.ts';
import { begin } from '../../../src/producer/send/enqueue-scripts.ts';
import { send } from '../../../src/producer/send/send.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from '../../support/fleet.ts';
import { connect } from '../../support/redis.ts';

/** Holds up the first call of a connection that matches. */
function holdUp(redis: Redis, matches: (name: string, values: readonly string[]) => boolean) {
  const reached = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const sendCommand = redis.sendCommand.bind(redis);
  let isHeld = false;
  redis.sendCommand = (command: Command) => {
    if (isHeld || !matches(command.name, command.args.map(String))) return sendCommand(command);
    isHeld = true;
    reached.resolve();
    // What comes of it is the command's own promise, too.
    void promise.then(() => sendCommand(command)).catch(() => {});
    return command.promise;
  };
  return { reached: reached.promise, goOn: resolve };
}

/** Whatever removes jobs that were laid begins with one of these. */
function removal(fleet: Fleet, more = '') {
  const own = fleet.keys.campaign('spring');
  return (name: string, values: readonly string[]) =>
    (name === 'lrange' && values[0] === own.job('wait')) ||
    (name.startsWith('eval') && (values.includes(own.job('')) || values.includes(more)));
}

async function sendMeanwhile(fleet: Fleet): Promise<void> {
  await fleet.redis.del(fleet.keys.campaign('spring').lease);
  expect(await fleet.send('spring', people(5))).toMatchObject({ released: true });
}

async function isWhole(fleet: Fleet): Promise<void> {
  const { redis, keys } = fleet;
  expect(await campaignStatus(redis, keys, 'spring')).toMatchObject({
    recipients: 5,
    pending: 5,
    jobs: { waiting: 1 },
    balanced: true,
  });
  await workUntilFinished(fleet.createWorker(), 'spring');
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 5, most_texts: 1 });
}

const options = { template: 'promo', campaign: 'spring', again: true };

test('one that takes back what it laid removes nothing that another has released', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { reached, goOn } = holdUp(slow, removal(fleet));
  const confirm = () => false;
  const refused = send(slow, fleet.keys, { rows: people(5) }, { ...options, confirm });
  const ended = expect(refused).rejects.toMatchObject({ code: 'interrupted' });
  await reached;
  await sendMeanwhile(fleet);
  goOn();
  await ended;
  await isWhole(fleet);
});

test('nor takes it off the list that workers serve', async () => {
  const fleet = await openFleet();
  const slow = connect();
  const { serving } = fleet.keys.fleet;
  const { reached, goOn } = holdUp(
    slow,
    (name, values) => values.includes(serving) && (name === 'hdel' || name.startsWith('eval')),
  );
  // Another program's job: its release is refused, and it had put itself on the list.
  const confirm = async () => {
    const { data } = await fleet.jobOf('spring');
    await fleet.queueOf('spring').add('send', data, { jobId: 'other' });
    return true;
  };
  const refused = send(slow, fleet.keys, { rows: people(5) }, { ...options, confirm });
  const ended = expect(refused).rejects.toMatchObject({ code: 'conflict' });
  await reached;
  await sendMeanwhile(fleet);
  goOn();
  await ended;
  await isWhole(fleet);
});

test('one that clears what a dead one laid removes nothing that another has released', async () => {
  const fleet = await openFleet();
  const own = fleet.keys.campaign('spring');
  await begin(fleet.redis, own, 'spring', 'dead', Date.now());
  await fleet.redis.del(own.lease);
  const slow = connect();
  const { reached, goOn } = holdUp(slow, removal(fleet, own.job('meta')));
  const late = send(slow, fleet.keys, { rows: people(5) }, options);
  const ended = expect(late).rejects.toMatchObject({ code: 'conflict' });
  await reached;
  await sendMeanwhile(fleet);
  goOn();
  await ended;
  await isWhole(fleet);
});

test('one that lays its jobs late among those of another list has that one refused, and nothing is sent', async () => {
  const fleet = await openFleet();
  const own = fleet.keys.campaign('spring');
  const laying = (name: string, values: readonly string[]) =>
    name.startsWith('eval') && values.includes(own.job('meta'));
  const [slow, other] = [connect(), connect()];
  const [first, second] = [holdUp(slow, laying), holdUp(other, laying)];
  const early = send(slow, fleet.keys, { rows: people(2) }, options);
  const lost = expect(early).rejects.toMatchObject({ code: 'conflict' });
  await first.reached;
  await fleet.redis.del(own.lease);
  const rows = people(3).slice(1);
  const late = send(other, fleet.keys, { rows }, options);
  const refused = expect(late).rejects.toThrow("others' among them");
  await second.reached;
  first.goOn();
  await lost;
  second.goOn();
  await refused;
  expect(await fleet.send('spring', rows)).toMatchObject({ released: true });
  await workUntilFinished(fleet.createWorker(), 'spring');
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 2, most_texts: 1 });
  expect(fleet.sandbox.textsTo(numberAt(0))).toBeUndefined();
});
