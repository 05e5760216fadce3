/**
 * The limit: undici alone, as many requests under way at once, nothing read and nothing kept. What sends over undici to
 * the same sandbox from one process cannot be faster.
 */
import { Pool } from 'undici';
import * as z from 'zod';
import { MESSAGES_PATH } from '../../src/shared/contract.ts';
import { bodyAt, HEADERS } from '../harness/messages.ts';
import { answerTasks } from '../harness/tasks.ts';

const Task = z.object({
  baseUrl: z.string(),
  concurrency: z.number(),
  messages: z.number(),
  /** Numbers a message. */
  batch: z.number(),
});

answerTasks(Task, async ({ baseUrl, concurrency, messages, batch }) => {
  const pool = new Pool(baseUrl, { connections: concurrency });
  let next = 0;
  const started = performance.now();
  const client = async () => {
    while (next < messages) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: MESSAGES_PATH,
        headers: HEADERS,
        body: bodyAt(next++, batch),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`expected 200, got ${statusCode}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  const ms = performance.now() - started;
  await pool.close();
  return ms;
});
