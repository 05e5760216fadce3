/** A worker that remembers when it used each permit, and when each request's first byte left. */
import * as z from 'zod';
import { createWorker } from '../../src/worker/create-worker.ts';
import { Pacer } from '../../src/worker/pacing/pacer.ts';
import { Sender } from '../../src/worker/request/sender.ts';
import { now, type PacingEvent } from '../harness/pacing.ts';
import { answerTasks } from '../harness/tasks.ts';

const Task = z.union([
  z.object({
    redis: z.string(),
    prefix: z.string(),
    baseUrl: z.string(),
    rate: z.number().optional(),
    recipientRate: z.number().optional(),
  }),
  z.enum(['permits', 'first bytes']),
]);

const permits: PacingEvent[] = [];
const { acquire } = Pacer.prototype;
Pacer.prototype.acquire = async function (waiter, signal) {
  const permit = await acquire.call(this, waiter, signal);
  if (permit) permits.push({ at: now(), numbers: waiter.numbers });
  return permit;
};

const firstBytes: PacingEvent[] = [];
const { send } = Sender.prototype;
Sender.prototype.send = function (body, mayWrite) {
  return send.call(this, body, () => {
    const isLeaving = mayWrite();
    if (isLeaving) firstBytes.push({ at: now(), numbers: numbersIn(body) });
    return isLeaving;
  });
};

/** `to` comes first in a request. */
function numbersIn(body: string): number {
  return body.slice(0, body.indexOf(']')).split(',').length;
}

answerTasks(Task, async (task) => {
  if (task === 'permits') return permits;
  if (task === 'first bytes') return firstBytes;
  const login = { devKey: 'sandbox', devSecret: 'sandbox' };
  const worker = createWorker({ ...task, ...login, logLevel: 'error' });
  return worker.start();
});
