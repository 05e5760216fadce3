/**
 * How fast does a list become packs, and in how much memory? One list of a million rows, with personal and
 * with equal text, against csv-parse alone over the same file: as its documentation uses it (a stream),
 * and as the reader uses it (blocks in one call), which is the harder to beat. Runs are interleaved; medians of 5.
 * Every run must give as many numbers as the list has, and fails otherwise. Memory and the longest hold of the
 * event loop are those of a process that reads the list once. `node bench/list.ts [ROWS]`.
 */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { parse } from 'csv-parse';
import { parse as parseBlock } from 'csv-parse/sync';
import { readPacks } from '../src/producer/read-packs.ts';

const RUNS = 5;
const BLOCK_BYTES = 64 * 1024;

type Run = (path: string) => Promise<number>;

async function packs(path: string, params: readonly string[]): Promise<number> {
  const reading = readPacks({ path }, { params });
  let numbers = 0;
  for await (const packsOfChunk of reading) {
    for (const pack of packsOfChunk) for (const [to] of pack) numbers += to.length;
  }
  if (numbers !== reading.totals.rows) {
    throw new Error(`expected ${reading.totals.rows} recipients, got ${numbers}`);
  }
  return numbers;
}

async function stream(path: string): Promise<number> {
  const parser = createReadStream(path).pipe(parse());
  let rows = -1;
  for await (const _record of parser) rows += 1;
  return rows;
}

async function blocks(path: string): Promise<number> {
  const file = await open(path);
  let rows = -1;
  let held = Buffer.alloc(0);
  const piece = Buffer.alloc(BLOCK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, BLOCK_BYTES, null);
    if (bytesRead === 0) break;
    const bytes = Buffer.concat([held, piece.subarray(0, bytesRead)]);
    const end = bytes.lastIndexOf(10) + 1;
    rows += parseBlock(bytes.subarray(0, end)).length;
    held = bytes.subarray(end);
  }
  await file.close();
  return rows;
}

/** Numbers in a scattered order, two params of a usual length. */
function* lines(rows: number): Generator<string> {
  yield 'phone,name,code\n';
  let text = '';
  for (let row = 0; row < rows; row++) {
    const number = 6580000000 + ((row * 7919) % 19_999_999);
    text += `+${number},Name${row % 50_000},CODE${row}\n`;
    if (text.length < BLOCK_BYTES) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** The longest time that the event loop stood still, in ms, while `work` ran. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  await work();
  clearInterval(timer);
  return longest;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function measure(path: string, rows: number): Promise<Map<string, number[]>> {
  const runs: Readonly<Record<string, Run>> = {
    'packs, personal text': (list) => packs(list, ['name', 'code']),
    'packs, equal text': (list) => packs(list, []),
    'csv-parse, stream': stream,
    'csv-parse, blocks': blocks,
  };
  const rates = new Map(Object.keys(runs).map((name) => [name, [] as number[]]));
  for (let round = 0; round < RUNS; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      const found = await run(path);
      const seconds = (performance.now() - start) / 1000;
      if (found !== rows) throw new Error(`${name}: expected ${rows} rows, got ${found}`);
      rates.get(name)?.push(rows / seconds);
    }
  }
  return rates;
}

/** Reads the list once, and says what that took; run in a process of its own. */
async function readOnce(path: string): Promise<void> {
  const before = process.memoryUsage.rss() / 2 ** 20;
  const hold = await longestHold(() => packs(path, ['name', 'code']));
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`RSS ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at the peak`);
  console.log(`event loop held for ${hold.toFixed(0)} ms at the most`);
}

async function compare(rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'volley-list-'));
  try {
    const path = join(folder, 'list.csv');
    await pipeline(lines(rows), createWriteStream(path));
    console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${rows} rows`);
    const command = [import.meta.filename, '--once', path];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    process.stdout.write(stdout);
    for (const [name, rates] of await measure(path, rows)) {
      const spread = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
      console.log(`${name.padEnd(22)} ${Math.round(median(rates))} rows/s (${spread})`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const { values, positionals } = parseArgs({
  options: { once: { type: 'string' } },
  allowPositionals: true,
});
if (values.once === undefined) await compare(Number(positionals[0] ?? 1_000_000));
else await readOnce(values.once);
