/**
 * A list of any size with duplicates and every kind of invalid row that a CSV has, and a count of it that shares
 * nothing with Volley: lines, cells and a Set. Rows are made from their position alone, so that a list of ten million
 * is the same wherever it is made.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';

export interface BigCounts {
  rows: number;
  invalid: number;
  duplicate: number;
  recipients: number;
  reasons: { wrong_cells: number; bad_number: number; missing_param: number };
}

const CHUNK_CHARS = 256 * 1024;

/** Of a hundred rows: five say an earlier number again, one each is invalid in one way. */
export async function writeBigList(path: string, rows: number): Promise<void> {
  await pipeline(chunksOf(rows), createWriteStream(path));
}

/** Written for lists of `writeBigList` alone: no quotes, numbers of Singapore. */
export async function countBigList(path: string): Promise<BigCounts> {
  const reasons = { wrong_cells: 0, bad_number: 0, missing_param: 0 };
  const seen = new Set<number>();
  let rows = -1;
  let valid = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    rows += 1;
    if (rows === 0) continue;
    const [number = '', name = '', code = '', ...rest] = line.split(',');
    const digits = number.replace(/[^0-9]/g, '');
    if (rest.length > 0) reasons.wrong_cells += 1;
    else if (!/^65[89][0-9]{7}$/.test(digits)) reasons.bad_number += 1;
    else if (name === '' || code === '') reasons.missing_param += 1;
    else {
      valid += 1;
      seen.add(Number(digits));
    }
  }
  const invalid = rows - valid;
  return { rows, invalid, duplicate: valid - seen.size, recipients: seen.size, reasons };
}

function* chunksOf(rows: number): Generator<string> {
  let text = 'phone,name,code\n';
  for (let at = 0; at < rows; at++) {
    text += `${rowAt(at)}\n`;
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = '';
  }
  yield text;
}

function rowAt(at: number): string {
  const number = numberAt(at);
  const params = `Name${at % 50_000},CODE${at}`;
  switch (at % 100) {
    case 13:
      return at % 200 < 100 ? `+${number},Name` : `+${number},${params},stray`;
    case 37:
      return `${at % 200 < 100 ? '+6512' : `${number}0000`},${params}`;
    case 61:
      return `+${number},,CODE${at}`;
    case 20:
    case 40:
    case 60:
    case 80:
    case 99: {
      // An earlier number in another spelling; never one of an invalid row.
      const said = String(numberAt(Math.floor(at / 200) * 100));
      return `${said.slice(0, 2)} ${said.slice(2, 6)} ${said.slice(6)},${params}`;
    }
    default:
      return `+${number},${params}`;
  }
}

/** Distinct for eighteen million rows, in a scattered order: all the mobile numbers that Singapore has. */
function numberAt(at: number): number {
  return 6_580_100_000 + ((at * 7919) % 18_899_999);
}
