/**
 * A loop of `fetch` over the list with a concurrency limiter, in the manner of p-limit: what most people write. It keeps
 * nothing: a crash loses where it was.
 */
import * as z from 'zod';
import { MESSAGES_PATH } from '../../src/shared/contract.ts';
import { HEADERS, personalRows, requestBody } from '../harness/messages.ts';
import { answerTasks } from '../harness/tasks.ts';

const Task = z.object({ baseUrl: z.string(), concurrency: z.number(), messages: z.number() });

answerTasks(Task, async ({ baseUrl, concurrency, messages }) => {
  const list = [...personalRows(messages)];
  const limit = limiter(concurrency);
  const started = performance.now();
  const send = async ({ to, params }: (typeof list)[number]) => {
    const response = await fetch(baseUrl + MESSAGES_PATH, {
      method: 'POST',
      headers: HEADERS,
      body: requestBody([to], params),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`expected 200, got ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  await Promise.all(list.map((row) => limit(() => send(row))));
  return performance.now() - started;
});

/** Runs what it is given, so many at a time, in their order. */
function limiter(concurrency: number) {
  const waiting: (() => void)[] = [];
  let first = 0;
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < concurrency) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting[first++];
      if (next) next();
      else running--;
    }
  };
}
