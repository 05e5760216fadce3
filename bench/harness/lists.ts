/** Lists in files, as they are measured with. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { numberAt } from './messages.ts';

const PIECE = 64 * 1024;

/** A CSV with as many distinct numbers, in a scattered order, and two params of a usual length. */
export async function writeList(path: string, rows: number): Promise<void> {
  await pipeline(lines(rows), createWriteStream(path));
}

function* lines(rows: number): Generator<string> {
  yield 'phone,name,code\n';
  let text = '';
  for (let row = 0; row < rows; row++) {
    text += `${numberAt(row)},Name${row % 50_000},CODE${row}\n`;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield text;
}
