/** What a `send` that died has laid goes after a day, unless somebody takes it up. */
import { expect, onTestFinished, test } from 'vitest';
import { cancel } from '../../../src/producer/control/control.ts';
import { campaignStatus } from '../../../src/producer/report/status.ts';
import { begin } from '../../../src/producer/send/enqueue-scripts.ts';
import { send } from '../../../src/producer/send/send.ts';
import { removeAbandoned, withdrawAbandoned } from '../../../src/shared/campaign/laid-jobs.ts';
import { listOf, memberOf } from '../../../src/shared/campaign/listed-sends.ts';
import { RedisClock } from '../../../src/shared/redis/redis-clock.ts';
import { Sweep } from '../../../src/worker/upkeep/sweep.ts';
import { openFleet, people } from '../../support/fleet.ts';
import { connect } from '../../support/redis.ts';

const DAY_MS = 86_400_000;

/** A fleet with a campaign of 150 jobs whose `send` died right before its release. */
async function openAbandoned() {
  const fleet = await openFleet();
  const { redis, keys, log } = fleet;
  const own = keys.campaign('spring');
  const dying = connect();
  const confirm = () => {
    dying.disconnect();
    return true;
  };
  const rows = people(300);
  const options = { template: 'promo', campaign: 'spring', again: true, confirm } as const;
  await expect(send(dying, keys, { rows }, options)).rejects.toMatchObject({ code: 'unavailable' });
  await redis.del(own.lease);
  expect(await campaignStatus(redis, keys, 'spring')).toMatchObject({ state: 'abandoned' });
  // It had listed itself already.
  const job = await fleet.jobOf('spring');
  const listed = { id: 'spring', token: job.name.replace('send ', '') };
  await redis.zadd(listOf(keys, 'promo'), 1, memberOf(listed));
  await redis.set(own.sketch(listed.token), 'sketch');

  const clock = new RedisClock();
  await clock.ask(redis);
  const sweep = new Sweep(redis, keys, { retainMs: 30 * DAY_MS, clock, log: log.logger });
  onTestFinished(() => sweep.stop());
  return {
    ...{ fleet, own, listed },
    /** As a worker that comes after so long, and is the first to come. */
    async sweepAfter(ms: number): Promise<void> {
      const since = Number(await redis.hget(own.campaign, 'abandoned_at'));
      if (since > 0) await redis.hset(own.campaign, 'abandoned_at', since - ms);
      await redis.del(keys.fleet.sweepAbandoned);
      await sweep.once();
    },
    /** Keys of the campaign that are left. */
    left: () => redis.keys(`${keys.prefix}*spring*`),
  };
}

test('after a day it is gone, its id is free, and the log says so once', async () => {
  const { fleet, own, listed, sweepAfter, left } = await openAbandoned();
  const { redis, keys, log } = fleet;
  await sweepAfter(0);
  await sweepAfter(DAY_MS - 60_000);
  expect(await redis.llen(own.job('wait'))).toBe(3);
  await sweepAfter(60_000);
  await sweepAfter(0);

  expect(await left()).toEqual([]);
  expect(await redis.zscore(keys.fleet.campaigns, 'spring')).toBeNull();
  expect(await redis.hexists(keys.fleet.serving, 'spring')).toBe(0);
  expect(await redis.zscore(listOf(keys, 'promo'), memberOf(listed))).toBeNull();
  expect(log.lines.filter((line) => line.includes('its send died'))).toHaveLength(1);
  expect(await fleet.send('spring', people(5))).toMatchObject({ released: true });
});

test('whoever runs the same command again has it to himself', async () => {
  const { fleet, own, sweepAfter } = await openAbandoned();
  await sweepAfter(0);
  await fleet.redis.hincrby(own.campaign, 'abandoned_at', -2 * DAY_MS);
  // A worker has just found it, and another begins.
  expect(await begin(fleet.redis, own, 'spring', 'other', Date.now())).toEqual({
    kind: 'abandoned',
  });
  expect(await removeAbandoned(fleet.redis, own)).toBe('kept');
  // One that dies at once, too, is kept for another day.
  await fleet.redis.del(own.lease);
  expect(await removeAbandoned(fleet.redis, own)).toBe('kept');
  expect(await withdrawAbandoned(fleet.redis, own)).toBe(false);
  await sweepAfter(0);
  expect(await fleet.send('spring', people(5))).toMatchObject({ released: true });
  expect(await removeAbandoned(fleet.redis, own)).toBe('kept');
  expect(await fleet.redis.llen(own.job('wait'))).toBe(1);
});

test('one that was cancelled stays on record, whoever clears it', async () => {
  const { fleet, own, sweepAfter } = await openAbandoned();
  const { redis, keys } = fleet;
  await sweepAfter(0);
  // A cancel that was killed before it had cleared anything.
  await redis.hset(own.campaign, 'cancelled', 1);
  await sweepAfter(2 * DAY_MS);
  expect(await redis.keys(`${own.job('')}*`)).toEqual([]);
  expect(await campaignStatus(redis, keys, 'spring')).toMatchObject({ state: 'cancelled' });
  expect(await cancel(redis, keys, 'spring')).toMatchObject({ state: 'cancelled' });
});
