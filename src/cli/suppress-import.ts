/** What `volley suppress import` does, once its options are understood. */
import { fileSize, type ListSource } from '../producer/read-packs.ts';
import { type Imported, importSuppressed } from '../producer/suppress.ts';
import { VolleyError } from '../shared/errors.ts';
import { counted, grouped, percent } from './figures.ts';
import { InvalidRows } from './invalid-rows.ts';
import { LiveLine } from './live-line.ts';
import { printJson } from './output.ts';
import { OutputFile } from './output-file.ts';
import { refuseSameFile } from './send-input.ts';
import { withSession } from './session.ts';
import { claimSignals } from './signals.ts';
import { type ImportCommandOptions, sizeWords } from './suppress.ts';

export async function runImport(file: string, options: ImportCommandOptions): Promise<void> {
  const signal = claimSignals();
  const size = file === '-' ? undefined : await fileSize(file);
  if (options.rejects !== undefined) await refuseSameFile(file, options.rejects);
  const rejects =
    options.rejects === undefined ? undefined : await OutputFile.open('--rejects', options.rejects);
  const invalid = new InvalidRows(rejects);
  try {
    const result = await importWith(file, options, invalid, size, signal);
    await invalid.finish(true);
    for (const line of invalid.lines()) console.error(line);
    if (result.invalid > 0) process.exitCode = 2;
    if (options.json) return printJson(result);
    printResult(result);
  } catch (error) {
    await invalid.discard();
    throw error;
  } finally {
    // A pipe that nobody closes would keep the process going.
    if (file === '-') process.stdin.destroy();
  }
}

async function importWith(
  file: string,
  { country, phoneColumn, format }: ImportCommandOptions,
  invalid: InvalidRows,
  size: number | undefined,
  signal: AbortSignal,
): Promise<Imported> {
  const source: Exclude<ListSource, { rows: unknown }> =
    file === '-'
      ? { bytes: process.stdin, name: 'standard input', format }
      : { path: file, format };
  if (file === '-' && process.stdin.isTTY) {
    console.error('reading the list from this terminal; Ctrl-D ends it');
  }
  const stopping = new AbortController();
  let known = 0;
  const onAbort = () => {
    const words = `stopped: ${counted(known, 'row')} had been read, and their numbers are on the list`;
    stopping.abort(new VolleyError('interrupted', words));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  using line = new LiveLine();
  return await withSession(({ redis, keys }) =>
    importSuppressed(redis, keys, source, {
      country,
      phoneColumn,
      signal: stopping.signal,
      onInvalid: (rows) => invalid.take(rows),
      onProgress: ({ rows }, bytes) => {
        known = rows;
        const share = size ? `${percent(bytes / size)}, ` : '';
        line.show(() => `importing  ${share}${counted(rows, 'row')}`);
      },
    }),
  );
}

function printResult({ rows, invalid, added, count }: Imported): void {
  const known = rows - invalid - added;
  const words = [`${counted(added, 'number')} added`];
  if (known > 0) words.push(`${grouped(known)} had been on it before`);
  if (invalid > 0) words.push(`${grouped(invalid)} invalid`);
  console.log(`${counted(rows, 'row')}: ${words.join(', ')}. ${sizeWords(count)}`);
}
