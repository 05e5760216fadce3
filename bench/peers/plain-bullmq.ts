/**
 * Plain BullMQ: one job a request, laid with `addBulk` 1,000 at a time, and a Worker that calls undici, with the
 * automatic removal that BullMQ's documentation recommends. No ledger, no limit on the rate, nothing else: what a good
 * engineer writes in an afternoon.
 */
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import * as z from 'zod';
import { MESSAGES_PATH } from '../../src/shared/contract.ts';
import { HEADERS, numberAt, paramsAt, requestBody } from '../harness/messages.ts';
import { answerTasks } from '../harness/tasks.ts';

const QUEUE = 'plain';
const PIECE = 1000;

const Task = z.discriminatedUnion('do', [
  z.object({ do: z.literal('enqueue'), redis: z.string(), messages: z.number() }),
  z.object({
    do: z.literal('work'),
    redis: z.string(),
    messages: z.number(),
    baseUrl: z.string(),
    concurrency: z.number(),
  }),
]);
type Task = z.infer<typeof Task>;

interface Data {
  to: string;
  params: Record<string, string>;
}

answerTasks(Task, (task) => (task.do === 'enqueue' ? enqueue(task) : work(task)));

async function enqueue({ redis, messages }: Extract<Task, { do: 'enqueue' }>): Promise<number> {
  const connection = new Redis(redis, { maxRetriesPerRequest: null });
  const queue = new Queue<Data>(QUEUE, {
    connection,
    defaultJobOptions: { removeOnComplete: { count: 1000 }, removeOnFail: { count: 5000 } },
  });
  const started = performance.now();
  for (let place = 0; place < messages; ) {
    const jobs: { name: string; data: Data }[] = [];
    for (; jobs.length < PIECE && place < messages; place++) {
      jobs.push({ name: 'send', data: { to: numberAt(place), params: paramsAt(place) } });
    }
    await queue.addBulk(jobs);
  }
  const ms = performance.now() - started;
  await queue.close();
  connection.disconnect();
  return ms;
}

async function work(task: Extract<Task, { do: 'work' }>): Promise<number> {
  const pool = new Pool(task.baseUrl, { connections: task.concurrency });
  const connection = new Redis(task.redis, { maxRetriesPerRequest: null });
  const started = performance.now();
  const worker = new Worker<Data>(
    QUEUE,
    async (job: Job<Data>) => {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: MESSAGES_PATH,
        headers: HEADERS,
        body: requestBody([job.data.to], job.data.params),
      });
      const reply = await body.json();
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      return reply;
    },
    { connection, concurrency: task.concurrency },
  );
  const finished = Promise.withResolvers<void>();
  let completed = 0;
  worker.on('completed', () => {
    completed++;
    if (completed === task.messages) finished.resolve();
  });
  worker.on('failed', (_job, error) => finished.reject(error));
  await finished.promise;
  const ms = performance.now() - started;
  await worker.close();
  await pool.close();
  connection.disconnect();
  return ms;
}
