/** Campaigns that wait: they have something left to send, and nothing of it can be sent now. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { send } from '../../src/producer/send/send.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
import { numberAt } from '../support/people.ts';

const RECIPIENTS = 5;
const CANARY = 2;
/** Numbers from here on are in no list of a scenario. */
const FIRST_NUMBER = 1_000_000;
const LONGEST_MS = 30_000;

/** So many canaries that are over, and one campaign whose time has not come. Workers are there. */
export async function sendWaiting(redis: Redis, keys: Keys, canaries: number): Promise<void> {
  if (canaries === 0) return;
  const list = (at: number) =>
    Array.from({ length: RECIPIENTS }, (_none, each) => ({
      to: numberAt(FIRST_NUMBER + at * RECIPIENTS + each),
      params: { name: `Eve ${each}` },
    }));
  const later = { campaign: 'waiting-later', template: 'promo', startAt: Date.now() + 3_600_000 };
  await send(redis, keys, { rows: list(canaries) }, later);
  const deadline = performance.now() + LONGEST_MS;
  for (let at = 0; at < canaries; at++) {
    const campaign = `waiting-${at}`;
    await send(redis, keys, { rows: list(at) }, { campaign, template: 'promo', canary: CANARY });
    const isOver = async () => (await campaignStatus(redis, keys, campaign)).state === 'paused';
    while (!(await isOver())) {
      if (performance.now() > deadline) throw new Error(`the canary ${campaign} does not end`);
      await sleep(50);
    }
  }
}
