/** What `volley send` was told, as the producer takes it: the list, the options, the files beside it. */
import { realpath } from 'node:fs/promises';
import {
  type Excluded,
  fileSize,
  type ListSource,
  type SendOptions,
} from '../../producer/producer.ts';
import type { Config } from '../../shared/config.ts';
import { VolleyError } from '../../shared/errors.ts';
import { warn } from '../terminal/output.ts';
import { OutputFile } from '../terminal/output-file.ts';
import { counted } from '../view/figures.ts';
import { InvalidRows } from './invalid-rows.ts';
import type { SendCommandOptions } from './options.ts';

export interface SendInput {
  readonly source: ListSource;
  readonly options: SendOptions;
  readonly invalid: InvalidRows;
  /** Bytes of the list, where they are known. */
  readonly bytes: number | undefined;
}

export function sourceOf(file: string, { format }: SendCommandOptions): ListSource {
  if (file !== '-') return { path: file, format };
  if (process.stdin.isTTY) console.error('reading the list from this terminal; Ctrl-D ends it');
  return { bytes: process.stdin, name: 'standard input', format };
}

/** @throws VolleyError `bad_input` for files that cannot be read or written */
export async function openInput(
  source: ListSource,
  options: SendCommandOptions,
  config: Config,
): Promise<SendInput> {
  const list = 'path' in source ? source.path : undefined;
  for (const path of [list, options.exclude]) await refuseSameFile(path, options.rejects);
  const rejects =
    options.rejects === undefined ? undefined : await OutputFile.open('--rejects', options.rejects);
  const invalid = new InvalidRows(rejects);
  try {
    const bytes = list === undefined ? undefined : await fileSize(list);
    return { source, options: sendOptions(options, config), invalid, bytes };
  } catch (error) {
    await invalid.discard();
    throw error;
  }
}

function sendOptions(options: SendCommandOptions, config: Config): SendOptions {
  const { param, customArg, exclude } = options;
  return {
    template: options.template,
    campaign: options.campaign,
    params: options.params,
    constants: param,
    columns: options.column,
    fallbacks: options.fallback,
    phoneColumn: options.phoneColumn,
    headerRow: options.headerRow,
    sheet: options.sheet,
    encoding: options.encoding,
    country: options.country,
    international: options.international,
    numbers: options.numbers,
    allowEmpty: options.allowEmpty,
    batchSize: options.batchSize ?? config.batchSize,
    maxInvalid: options.maxInvalid,
    at: options.at,
    startAt: options.startAt,
    notAfter: options.notAfter,
    onUnconfirmed: options.onUnconfirmed,
    haltAfter: options.haltAfter,
    rate: options.rate,
    recipientRate: options.recipientRate,
    customArgs: customArg,
    planName: options.planName,
    templateText: options.templateText,
    again: options.again,
    canary: options.canary,
    exclude: exclude === undefined ? undefined : { path: exclude },
    onExcluded: (excluded) => tellExcluded(exclude ?? '', excluded),
  };
}

/** They are rows of the other list: not counted, but somebody on them may be texted. */
function tellExcluded(path: string, { rows, invalid, partly, firstInvalid }: Excluded): void {
  if (invalid + partly === 0) return;
  const words = [
    ...(invalid > 0 ? [`${counted(invalid, 'row')} of ${rows} without a usable number`] : []),
    ...(partly > 0 ? [`${counted(partly, 'row')} of ${rows} read only in part`] : []),
  ];
  warn(`--exclude ${path}: ${words.join(', ')}`);
  for (const { line, detail } of firstInvalid) console.error(`  line ${line}: ${detail}`);
}

/** Else the list would be replaced by its invalid rows. */
export async function refuseSameFile(
  file: string | undefined,
  rejects: string | undefined,
): Promise<void> {
  if (file === undefined || rejects === undefined) return;
  const [list, other] = await Promise.all(
    [file, rejects].map((path) => realpath(path).catch(() => path)),
  );
  if (list !== other) return;
  throw new VolleyError('bad_input', `--rejects: expected another file than the list ${file}`);
}
