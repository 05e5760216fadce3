/** What does a worker use that has nothing to do, with 32 campaigns attached? */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createProducer } from '../../src/producer/producer.ts';
import { figure } from '../harness/figures.ts';
import { TEMPLATE } from '../harness/messages.ts';
import { cpuUs, peakMemory } from '../harness/proc.ts';
import { atMost, type Question } from '../harness/question.ts';

const CAMPAIGNS = 32;
const ATTACH_MS = 4000;

export const idle: Question = {
  asks: 'How much CPU does an idle worker use, with 32 campaigns attached?',
  sizes: { seconds: 15 },
  quick: { seconds: 5 },

  async answer(lab, size) {
    const redis = await lab.redis('always');
    const farEnd = await lab.farEnd();
    const producer = createProducer({ redis: redis.url, prefix: 'bench' });
    // Held, so that none of them ends and is let go of.
    await producer.hold('the benchmark of an idle worker');
    for (let place = 0; place < CAMPAIGNS; place++) {
      const rows = [{ to: `+${6_581_000_000 + place}`, params: { name: 'Ada' } }];
      await producer.send({ rows }, { campaign: `idle-${place}`, template: TEMPLATE });
    }
    const worker = lab.measured('children/worker.ts');
    const task = { redis: redis.url, baseUrl: farEnd.url, rate: 100 };
    await worker.ask(task, z.unknown());
    await sleep(ATTACH_MS);
    const before = { worker: cpuUs(worker.pid), redis: cpuUs(redis.pid) };
    const started = performance.now();
    await sleep(size('seconds') * 1000);
    const us = (performance.now() - started) * 1000;
    const share = (pid: number, since: number) =>
      figure('% of a core', [(100 * (cpuUs(pid) - since)) / us]);
    const own = share(worker.pid, before.worker);
    const jobs = await Promise.all(
      Array.from({ length: CAMPAIGNS }, async (_none, place) => {
        return (await producer.status(`idle-${place}`)).jobs.active;
      }),
    );
    const attached = jobs.filter((active) => active > 0).length;
    if (attached !== CAMPAIGNS) throw new Error(`expected ${CAMPAIGNS} attached, got ${attached}`);
    const rows = [
      {
        name: 'worker',
        figures: { CPU: own, 'peak memory': figure('MB', [peakMemory(worker.pid) / 1e6]) },
      },
      { name: 'Redis', figures: { CPU: share(redis.pid, before.redis) } },
    ];
    await producer.release();
    await worker.ask('stop', z.unknown());
    await producer.close();
    return {
      rows,
      targets: [atMost('CPU of the worker', own, 2)],
      notes: [
        `${CAMPAIGNS} campaigns with a message each, held back by the valve, over ${size('seconds')} s`,
      ],
    };
  },
};
