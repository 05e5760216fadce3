/** A worker that remembers when it used each permit. */
import * as z from 'zod';
import { createWorker } from '../../src/worker/create-worker.ts';
import { Pacer } from '../../src/worker/pacer.ts';
import { now, type PacingEvent } from '../harness/pacing.ts';
import { answerTasks } from '../harness/tasks.ts';

const Task = z.union([
  z.object({
    redis: z.string(),
    prefix: z.string(),
    baseUrl: z.string(),
    rate: z.number(),
    recipientRate: z.number().optional(),
  }),
  z.literal('report'),
]);

const permits: PacingEvent[] = [];
const { acquire } = Pacer.prototype;
Pacer.prototype.acquire = async function (waiter, signal) {
  const permit = await acquire.call(this, waiter, signal);
  if (permit) permits.push({ at: now(), numbers: waiter.numbers });
  return permit;
};

answerTasks(Task, async (task) => {
  if (task === 'report') return permits;
  const login = { devKey: 'sandbox', devSecret: 'sandbox' };
  const worker = createWorker({ ...task, ...login, logLevel: 'error' });
  return worker.start();
});
