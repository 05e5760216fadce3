/** A process of its own, that does one task at a time and answers each: the answering side. */
import type * as z from 'zod';
import { describeError } from '../../src/shared/errors.ts';

/** Ends with the process that asks, however that one ends. */
export function answerTasks<T>(
  Task: z.ZodType<T>,
  work: (task: T) => Promise<unknown> | unknown,
): void {
  process.on('message', (message) => void answer(message));
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal; the asking one sees to the end of all.
  process.on('SIGINT', () => {});

  async function answer(message: unknown): Promise<void> {
    try {
      process.send?.({ answer: (await work(Task.parse(message))) ?? null });
    } catch (error) {
      process.send?.({ error: describeError(error) });
    }
  }
}
