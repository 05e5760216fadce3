/** A producer of Volley in a process of its own: enqueues one list after another. */
import * as z from 'zod';
import { createProducer } from '../../src/producer/producer.ts';
import { CAMPAIGN, TEMPLATE } from '../harness/messages.ts';
import { answerTasks } from '../harness/tasks.ts';

const Task = z.object({
  redis: z.string(),
  path: z.string(),
  /** The columns to send; none for equal text. */
  params: z.array(z.string()),
});

answerTasks(Task, async ({ redis, path, params }) => {
  const producer = createProducer({ redis, prefix: 'bench' });
  const started = performance.now();
  const options = { campaign: CAMPAIGN, template: TEMPLATE, params };
  const { rows, recipients, messages } = await producer.send({ path }, options);
  const ms = performance.now() - started;
  await producer.close();
  return { ms, rows, recipients, messages };
});
