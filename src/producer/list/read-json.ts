/**
 * One JSON array → chunks of rows: each element is one, `{"to": …, "params": {…}}`. What is none of that is an invalid
 * row, not the end of the list. The array is never held as a whole.
 */
import { checkUtf8 } from '../bytes/utf8.ts';
import { LINE_FEED } from '../csv/csv-records.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from '../rows/row.ts';
import { type Element, ElementCutter } from './json-elements.ts';
import type { ObjectParams } from './object-params.ts';
import { rowFromJson } from './read-ndjson.ts';

/** Throws `VolleyError('bad_input')`, with the line, for what is no array, no UTF-8, or a row beyond 1 MB. */
export async function* readJson(
  pieces: AsyncIterable<Buffer>,
  name: string,
  params: ObjectParams,
): AsyncGenerator<RowChunk> {
  const cutter = new ElementCutter(name);
  for await (const piece of pieces) {
    const elements = cutter.take(piece);
    for (let start = 0; start < elements.length; start += CHUNK_ROWS) {
      yield chunkOf(elements.slice(start, start + CHUNK_ROWS), name, params);
    }
  }
  cutter.end();
}

function chunkOf(elements: readonly Element[], name: string, params: ObjectParams): RowChunk {
  const rows: Row[] = [];
  const texts: string[] = [];
  for (const { bytes, line } of elements) {
    checkUtf8(bytes, name, line, LINE_FEED);
    const text = bytes.toString('utf8');
    texts.push(text);
    rows.push(rowFromJson(text, params));
  }
  return {
    names: params.names,
    rows,
    blank: 0,
    lineOf: (index) => elements[index]?.line ?? 0,
    // No string goes over lines: what is between them is only there for the eye.
    rawOf: (index) => (texts[index] ?? '').replace(/\s*[\r\n]\s*/g, ' '),
  };
}
