/**
 * The limit for lists: csv-parse alone over the same file, as its documentation uses it (a stream), and in blocks of
 * bytes in one call each, which is how Volley uses it. Rows are counted and thrown away.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { parse as parseBlock } from 'csv-parse/sync';
import * as z from 'zod';
import { answerTasks } from '../harness/tasks.ts';

const BLOCK_BYTES = 64 * 1024;

const Task = z.object({ path: z.string(), rows: z.number(), how: z.enum(['stream', 'blocks']) });

answerTasks(Task, async ({ path, rows, how }) => {
  const started = performance.now();
  const found = how === 'stream' ? await stream(path) : await blocks(path);
  if (found !== rows + 1) throw new Error(`expected ${rows + 1} lines, got ${found}`);
  return performance.now() - started;
});

async function stream(path: string): Promise<number> {
  let lines = 0;
  for await (const _record of createReadStream(path).pipe(parse())) lines++;
  return lines;
}

async function blocks(path: string): Promise<number> {
  await using file = await open(path);
  const piece = Buffer.alloc(BLOCK_BYTES);
  let lines = 0;
  let held = Buffer.alloc(0);
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, BLOCK_BYTES, null);
    if (bytesRead === 0) return lines;
    const bytes = Buffer.concat([held, piece.subarray(0, bytesRead)]);
    const end = bytes.lastIndexOf(10) + 1;
    lines += parseBlock(bytes.subarray(0, end)).length;
    held = bytes.subarray(end);
  }
}
