/**
 * Ten million rows through `send --dry-run` and `send`: are the counts those of an independent count, how much memory
 * does it take at its peak (VmHWM of the process), and how long does the event loop stand still? Fails where a
 * count differs, or where ten million rows take more memory than 160 MB and 24 bytes a distinct number. Linux only.
 * `REDIS_URL=redis://127.0.0.1:6379 node bench/big-list.ts [ROWS]`, with a Redis that may be filled: some 1 GB for ten
 * million rows of personal text. What was enqueued stays there.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { countBigList, writeBigList } from '../test/support/big-list.ts';
import { type CommandRun, runCommand } from './harness/command.ts';

const PROBE = new URL('hold-probe.ts', import.meta.url).href;
const BASE_MB = 160;
const BYTES_A_NUMBER = 24;

const ENVIRONMENT = { NODE_OPTIONS: `--import=${PROBE}`, VOLLEY_PREFIX: 'big-list' };

const volley = (args: readonly string[]) => runCommand(args, ENVIRONMENT);

function compare(
  name: string,
  run: CommandRun,
  expected: Record<string, unknown>,
  mostMb: number,
): void {
  for (const [count, value] of Object.entries(expected)) {
    const got = run.result[count];
    if (JSON.stringify(sorted(got)) === JSON.stringify(sorted(value))) continue;
    throw new Error(
      `${name}: ${count}: expected ${JSON.stringify(value)}, got ${JSON.stringify(got)}`,
    );
  }
  const { peakMb, seconds, stderr } = run;
  const hold = /longest hold .*/.exec(stderr)?.[0] ?? 'longest hold not known';
  console.log(
    `${name.padEnd(8)} counts equal, ${seconds.toFixed(0)} s, peak ${peakMb.toFixed(0)} MB ` +
      `(bound ${mostMb.toFixed(0)}), ${hold}`,
  );
  // Of a shorter list, what Node and the sources take by themselves is most of it.
  if (rows >= 10_000_000 && peakMb > mostMb) throw new Error(`${name}: more memory than the bound`);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).sort(([some], [other]) => (some < other ? -1 : 1));
}

const rows = Number(process.argv[2] ?? 10_000_000);
const folder = await mkdtemp(join(tmpdir(), 'volley-big-list-'));
try {
  const path = join(folder, 'big.csv');
  await writeBigList(path, rows);
  const { reasons, ...counts } = await countBigList(path);
  const megabytes = (await stat(path)).size / 2 ** 20;
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
  console.log(
    `${rows} rows, ${megabytes.toFixed(0)} MB, ${JSON.stringify({ ...counts, reasons })}`,
  );
  const mostMb = BASE_MB + (counts.recipients * BYTES_A_NUMBER) / 2 ** 20;
  const args = ['send', path, '--template', 'promo', '--params', 'name,code', '--again', '--json'];
  const expected = { ...counts, suppressed: 0 };
  compare('dry run', await volley([...args, '--dry-run']), { ...expected, reasons }, mostMb);
  compare('send', await volley(args), { ...expected, released: true }, mostMb);
} finally {
  await rm(folder, { recursive: true });
}
