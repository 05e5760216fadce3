/**
 * NDJSON bytes → chunks of rows: one `{"to": …, "params": {…}}` a line. A line that is none of that is an
 * invalid row, not the end of the list. Blank lines are no rows, and counted as such.
 */

import { parseJsonExactly } from '../../shared/contract.ts';
import { VolleyError } from '../../shared/errors.ts';
import { checkUtf8, countOf } from '../bytes/utf8.ts';
import { LINE_FEED, MAX_RECORD_BYTES } from '../csv/csv-records.ts';
import { CHUNK_ROWS, type InvalidReason, type Row, type RowChunk } from '../rows/row.ts';
import { isEmpty } from '../rows/values.ts';
import type { ObjectParams } from './object-params.ts';

/** Throws `VolleyError('bad_input')`, with the line, for what is not UTF-8 or a line beyond 1 MB. */
export async function* readNdjson(
  pieces: AsyncIterable<Buffer>,
  name: string,
  params: ObjectParams,
): AsyncGenerator<RowChunk> {
  let held: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    const end = held.lastIndexOf(LINE_FEED) + 1;
    const block = held.subarray(0, end);
    yield* chunksOf(block, line, name, params);
    line += countOf(block, LINE_FEED);
    held = held.subarray(end);
    if (held.length <= MAX_RECORD_BYTES) continue;
    const why = 'expected lines of at most 1 MB, got a longer one';
    throw new VolleyError('bad_input', `${name}, line ${line}: ${why}`);
  }
  yield* chunksOf(held, line, name, params);
}

function* chunksOf(
  block: Buffer,
  firstLine: number,
  name: string,
  params: ObjectParams,
): Generator<RowChunk> {
  checkUtf8(block, name, firstLine, LINE_FEED);
  const texts = block.toString('utf8').split('\n');
  for (let start = 0; start < texts.length; start += CHUNK_ROWS) {
    const rows: Row[] = [];
    const indexes: number[] = [];
    let blank = 0;
    const end = Math.min(start + CHUNK_ROWS, texts.length);
    for (let index = start; index < end; index++) {
      const text = texts[index] ?? '';
      if (isEmpty(text)) {
        // Behind the last line end there is no line.
        if (text !== '' || index < texts.length - 1) blank += 1;
        continue;
      }
      indexes.push(index);
      rows.push(rowFromJson(text, params));
    }
    if (rows.length === 0 && blank === 0) continue;
    yield {
      names: params.names,
      unseen: params.unseen,
      rows,
      blank,
      lineOf: (index) => firstLine + (indexes[index] ?? 0),
      rawOf: (index) => (texts[indexes[index] ?? -1] ?? '').replace(/\r$/, ''),
    };
  }
}

/** A row from the text of one object. */
export function rowFromJson(text: string, params: ObjectParams): Row {
  let value: unknown;
  try {
    value = parseJsonExactly(text);
  } catch {
    // What V8 says of the place quotes the text, and so somebody's number.
    return faulty('bad_json', 'expected a JSON object, got what is not JSON');
  }
  return rowFromObject(value, params);
}

/** A row from `{to, params}`, however it was come by. A number may also be a JSON number. */
export function rowFromObject(value: unknown, params: ObjectParams): Row {
  if (params.loose !== undefined) return params.loose.rowOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value;
    return faulty('bad_row', `expected {"to": …, "params": {…}}, got ${got}`);
  }
  const stray = Object.keys(value).find((key) => key !== 'to' && key !== 'params');
  if (stray !== undefined) {
    const key = JSON.stringify(stray.slice(0, 64));
    return faulty('bad_row', `expected only "to" and "params", got ${key}, too`);
  }
  const to: unknown = 'to' in value ? value.to : undefined;
  const number = typeof to === 'number' && Number.isSafeInteger(to) ? String(to) : to;
  if (typeof number !== 'string') {
    const got = to === undefined ? 'none' : typeof to;
    return faulty('bad_row', `expected "to" as text, got ${got}`);
  }
  const given: unknown = 'params' in value ? value.params : undefined;
  if (
    given !== undefined &&
    (typeof given !== 'object' || given === null || Array.isArray(given))
  ) {
    return faulty('bad_row', 'expected "params" as an object of names and values');
  }
  const values = params.pick(given ?? {});
  if (!Array.isArray(values)) return { to: number, values: [], fault: values };
  return { to: number, values, fault: undefined };
}

function faulty(reason: InvalidReason, detail: string): Row {
  return { to: '', values: [], fault: { reason, detail } };
}
