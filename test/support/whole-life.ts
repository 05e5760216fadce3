/** All that Volley does, once each, over connections that somebody else made: for what holds of all of it. */
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { Producer } from '../../src/producer/producer.ts';
import type { SendOptions } from '../../src/producer/send/options.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
import { sweepCampaigns } from '../../src/worker/upkeep/campaign-retention.ts';
import { LostJobs } from '../../src/worker/upkeep/lost-jobs.ts';
import { sweepNotifications } from '../../src/worker/upkeep/notification-retention.ts';
import { type Log, numberAt } from './fleet.ts';

const patiently = { timeout: 60_000, interval: 50 };

/** What the stand-in must do for it. */
export const FAULTS = {
  on_template: { bad: '5001', away: '503', held: '429' },
  on_number: { [numberAt(1)]: '3001', [numberAt(2)]: '503', [numberAt(3)]: 'partial' },
};

export interface Life {
  producer: Producer;
  keys: Keys;
  log: Log;
  /** Of the user whose rights are tried. */
  redis: Redis;
  /** Of one who may do all, and does what another program might. */
  admin: Redis;
  /** Whoever calls it has a worker at work. */
  work: (life: () => Promise<void>) => Promise<void>;
}

export async function live(life: Life): Promise<void> {
  await life.work(async () => {
    await optOuts(life);
    await campaign(life);
    await notifications(life);
    await control(life);
  });
  await lost(life);
  await over(life);
}

function rows(count: number, first = 0) {
  return Array.from({ length: count }, (_none, at) => ({
    to: numberAt(first + at),
    params: { name: `name ${at % 40}` },
  }));
}

function send(
  { producer }: Life,
  campaign: string,
  list: ReturnType<typeof rows>,
  options: Partial<SendOptions> = {},
) {
  return producer.send({ rows: list }, { template: 'promo', campaign, ...options });
}

async function finished({ producer }: Life, id: string): Promise<void> {
  const state = async () => (await producer.status(id)).state;
  await expect.poll(state, patiently).toBe('finished');
}

async function optOuts({ producer }: Life): Promise<void> {
  await producer.suppress.add([numberAt(5), numberAt(6)]);
  await producer.suppress.remove([numberAt(6)]);
  await producer.suppress.check([numberAt(5)]);
  await producer.suppress.count();
}

/** With retries, a canary, limits of its own, and replays that stay and that move. */
async function campaign(life: Life): Promise<void> {
  const { producer } = life;
  const options = { canary: 20, rate: 2000, recipientRate: 5000 };
  await send(life, 'spring', rows(120), options);
  const held = async () => (await producer.status('spring')).state;
  await expect.poll(held, patiently).toBe('paused');
  await producer.resume('spring');
  await finished(life, 'spring');
  await producer.dryRun({ rows: rows(120) }, { template: 'promo', campaign: 'again' });
  await send(life, 'refused', rows(30), { template: 'bad', haltAfter: 'never' });
  await finished(life, 'refused');
  await producer.replay('refused', { codes: ['5001'], limit: 5 });
  await finished(life, 'refused');
  await producer.replay('refused', { codes: ['5001'], template: 'promo' });
  await finished(life, 'refused');
  await producer.verify('refused');
  for await (const line of producer.audit(undefined)) expect(line.state).not.toBe('');
  await producer.campaigns();
  await producer.status();
}

async function notifications({ producer }: Life): Promise<void> {
  const options = { to: numberAt(200), template: 'otp', dedupeKey: 'order-1' };
  const { result } = await producer.notify(options);
  await producer.notify(options);
  expect(await result()).toMatchObject({ state: 'accepted' });
  const bad = await producer.notify({ to: numberAt(201), template: 'bad' });
  await bad.result();
  await producer.status('notifications');
}

async function control(life: Life): Promise<void> {
  const { producer } = life;
  await producer.rate({ rate: 40 });
  await send(life, 'slow', rows(400, 1000));
  const accepted = async () => (await producer.status('slow')).accepted;
  await expect.poll(accepted, patiently).toBeGreaterThan(0);
  await producer.pause('slow');
  // As another program does, too.
  await life.admin.hset(life.keys.campaign('slow').job('meta'), 'paused', '1');
  await producer.resume('slow');
  await producer.hold();
  await producer.release();
  await producer.cancel('slow');
  await producer.rate('reset');
  await send(life, 'later', rows(20, 2000), { startAt: Date.now() + 3_600_000 });
  await producer.cancel('later');
  await send(life, 'held', rows(3, 3000), { template: 'held' });
  await expect.poll(async () => (await producer.status()).valve.length, patiently).toBe(1);
  await producer.cancel('held');
  await producer.release();
}

/** What another program removes of a campaign, and takes out of BullMQ's lists. */
async function lost(life: Life): Promise<void> {
  const { admin, keys, log, producer, redis } = life;
  await send(life, 'taken', rows(300, 4000));
  await producer.notify({ to: numberAt(203), template: 'otp' });
  const own = keys.campaign('taken');
  const jobs = await admin.lrange(own.job('wait'), 0, -1);
  await admin.del(own.job('wait'), own.job(jobs[0] ?? ''));
  const other = keys.campaign('notifications');
  await admin.del(other.job('prioritized'), other.job('wait'));
  const lostJobs = new LostJobs(redis, keys, log.logger);
  await lostJobs.lookFor('taken');
  await lostJobs.lookFor('notifications');
  expect((await producer.status('taken')).lost).toBeGreaterThan(0);
}

/** What is done with what is over. */
async function over({ admin, keys, producer, redis }: Life): Promise<void> {
  await producer.forget('refused');
  await admin.del(keys.fleet.sweep, keys.fleet.sweepCampaigns);
  const later = Date.now() + 86_400_000;
  await sweepCampaigns(redis, keys, 1000, later);
  await sweepNotifications(redis, keys, 1000, later);
}
