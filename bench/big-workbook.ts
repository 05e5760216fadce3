/**
 * The longest sheet there is through `send --dry-run`, with its texts shared and with each in its cell: is every row
 * counted, how long does it take against the same rows as CSV with quotes, and how much memory at its peak (VmHWM of the
 * process)? Fails where a count differs, or where the longest sheet takes more than 300 MB. Linux only; needs no Redis.
 * `node bench/big-workbook.ts [ROWS]`
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sheetOf, type WrittenCell } from '../test/support/workbook.ts';
import { runCommand } from './harness/command.ts';

/** With its header: as many rows as a sheet can have. */
const MOST_ROWS = 1_048_576;
const BOUND_MB = 300;

/** Names and codes that are all different: none is shared by two cells, and each has to be kept. */
function* cellsOf(rows: number): Generator<readonly (string | number)[]> {
  yield ['phone', 'name', 'code'];
  for (let at = 1; at < rows; at++) {
    yield [6_580_100_000 + ((at * 7919) % 18_899_999), `Name, number ${at}`, `CODE${at}`];
  }
}

function csvOf(rows: number): string {
  const quoted = (cell: WrittenCell) => (typeof cell === 'string' ? `"${cell}"` : String(cell));
  const lines: string[] = [];
  for (const cells of cellsOf(rows)) lines.push(`${cells.map(quoted).join(',')}\n`);
  return lines.join('');
}

const ARGS = ['--template', 'promo', '--params', 'name,code', '--dry-run', '--json'];
/** No Redis listens there: what is measured is the reading. */
const NO_REDIS = { REDIS_URL: 'redis://127.0.0.1:1' };

async function measure(name: string, path: string, rows: number): Promise<void> {
  const { result, peakMb, seconds } = await runCommand(['send', path, ...ARGS], NO_REDIS);
  const expected = { rows: rows - 1, invalid: 0, duplicate: 0, recipients: rows - 1 };
  for (const [count, value] of Object.entries(expected)) {
    if (result[count] === value) continue;
    throw new Error(`${name}: ${count}: expected ${value}, got ${result[count]}`);
  }
  const megabytes = (await stat(path)).size / 2 ** 20;
  console.log(
    `${name.padEnd(22)} counts equal, ${megabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s, ` +
      `${((seconds / rows) * 1e6).toFixed(1)} µs a row, peak ${peakMb.toFixed(0)} MB`,
  );
  if (peakMb > BOUND_MB) throw new Error(`${name}: more memory than ${BOUND_MB} MB`);
}

const rows = Number(process.argv[2] ?? MOST_ROWS);
const folder = await mkdtemp(join(tmpdir(), 'volley-big-workbook-'));
try {
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${rows} rows`);
  const path = (name: string) => join(folder, name);
  await writeFile(path('quoted.csv'), csvOf(rows));
  await writeFile(path('shared.xlsx'), await sheetOf(cellsOf(rows), { texts: 'shared' }));
  await writeFile(path('inline.xlsx'), await sheetOf(cellsOf(rows), { texts: 'inline' }));
  await measure('CSV with quotes', path('quoted.csv'), rows);
  await measure('texts shared', path('shared.xlsx'), rows);
  await measure('texts in their cells', path('inline.xlsx'), rows);
} finally {
  await rm(folder, { recursive: true });
}
