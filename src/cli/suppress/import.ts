/** What `volley suppress import` does, once its options are understood. */
import {
  fileSize,
  type Imported,
  type ImportSource,
  type InvalidRow,
  type ListFormat,
} from '../../producer/producer.ts';
import { VolleyError } from '../../shared/errors.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { claimSignals } from '../process/signals.ts';
import { refuseSameFile } from '../send/input.ts';
import { InvalidRows } from '../send/invalid-rows.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { printJson, warn } from '../terminal/output.ts';
import { OutputFile } from '../terminal/output-file.ts';
import { counted, grouped, percent } from '../view/figures.ts';
import { sizeWords } from '../view/opt-outs.ts';

export interface ImportCommandOptions {
  country?: string;
  international?: true;
  phoneColumn?: string;
  headerRow?: number;
  sheet?: string;
  encoding?: string;
  format?: ListFormat;
  rejects?: string;
  json?: true;
}

export async function runImport(file: string, options: ImportCommandOptions): Promise<void> {
  const signal = claimSignals();
  const size = file === '-' ? undefined : await fileSize(file);
  if (options.rejects !== undefined) await refuseSameFile(file, options.rejects);
  const rejects =
    options.rejects === undefined ? undefined : await OutputFile.open('--rejects', options.rejects);
  const invalid = new InvalidRows(rejects);
  // Whoever has opted out is put on the list also where the rows of others cannot be written down.
  let unwritten: unknown;
  const note = (error: unknown) => {
    unwritten ??= error;
  };
  const onInvalid = (rows: readonly InvalidRow[]) => invalid.take(rows).catch(note);
  try {
    const result = await importWith(file, options, onInvalid, size, signal);
    const isWhole = result.invalid + result.partly === 0 && result.national === undefined;
    const code = isWhole ? 0 : 3;
    isDone('the numbers are on the list', code);
    if (code !== 0) process.exitCode = code;
    if (unwritten === undefined) await invalid.finish().catch(note);
    for (const line of invalid.lines()) console.error(line);
    if (options.json) printJson(result);
    else printResult(result);
    if (result.national !== undefined) warn(nationalWords(result.national));
    if (unwritten !== undefined) throw unwritten;
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
  options: ImportCommandOptions,
  onInvalid: (rows: readonly InvalidRow[]) => Promise<void>,
  size: number | undefined,
  signal: AbortSignal,
): Promise<Imported> {
  const { country, international, phoneColumn, headerRow, sheet, encoding, format } = options;
  const source: ImportSource =
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
  const work = withProducer(({ suppress }) =>
    suppress.import(source, {
      ...{ country, international, phoneColumn, headerRow, sheet, encoding },
      signal: stopping.signal,
      onInvalid,
      onProgress: ({ rows }, bytes) => {
        known = rows;
        const share = size ? `${percent(bytes / size)}, ` : '';
        line.show(() => `importing  ${share}${counted(rows, 'row')}`);
      },
    }),
  );
  return await work.catch((error: unknown) => {
    line.clear();
    const isBad = error instanceof VolleyError && error.code === 'bad_input';
    // 2 would say that nothing was changed.
    if (isBad && known > 0)
      isDone(`of the first ${counted(known, 'row')} the numbers are on the list`, 3);
    throw error;
  });
}

function printResult(result: Imported): void {
  const { rows, invalid, partly, blank, numbers, elsewhere, added, count } = result;
  const known = numbers - added;
  const words = [`${counted(added, 'number')} added`];
  if (known > 0) words.push(`${grouped(known)} had been on it before`);
  if (partly > 0) words.push(`${counted(partly, 'row')} read only in part`);
  if (invalid > 0) words.push(`${grouped(invalid)} invalid`);
  if (blank > 0) words.push(`${grouped(blank)} blank besides`);
  console.log(`${counted(rows, 'row')}: ${words.join(', ')}. ${sizeWords(count)}`);
  if (elsewhere > 0) {
    const where = 'stood outside of the column with the number, and went on the list, too';
    console.log(
      `${counted(elsewhere, 'number')} ${where}; --phone-column NAME takes one column alone`,
    );
  }
}

/** As loud as it gets: whoever believes that these people are on the list texts them. */
function nationalWords({ words }: NonNullable<Imported['national']>): string {
  return `whoever opted out may not be on the list: ${words}, and import it again`;
}
