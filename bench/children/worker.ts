/** A worker of Volley in a process of its own, started anew for each run. */
import * as z from 'zod';
import { createLogger } from '../../src/shared/log.ts';
import { createWorker } from '../../src/worker/create-worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { answerTasks } from '../harness/tasks.ts';

const Task = z.union([
  z.object({ redis: z.string(), baseUrl: z.string(), rate: z.number() }),
  z.literal('stop'),
]);

const logger = createLogger('error', false);
let worker: Worker | undefined;

answerTasks(Task, async (task) => {
  if (task === 'stop') {
    await worker?.stop();
    return;
  }
  const login = { devKey: 'sandbox', devSecret: 'sandbox' };
  worker = createWorker({ ...task, ...login, prefix: 'bench', logger });
  await worker.start();
});
