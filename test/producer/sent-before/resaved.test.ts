/** A list that a spreadsheet, or a program, has saved again is the same people, whatever its bytes. */
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { ListSource } from '../../../src/producer/list/options.ts';
import { openFleet, people } from '../../support/fleet.ts';
import { finish, type Rows, refused, sendOnce } from './once.ts';

function csv(text: string): ListSource {
  return { bytes: Readable.from([Buffer.from(text)]), name: 'the list', format: 'csv' };
}

function linesOf(rows: Rows, join: string, end: string): string[] {
  return rows.map(({ to, params }) => `${to}${join}${params?.['name']}${end}`);
}

const TWENTY = people(20);
const RESAVED: Record<string, ListSource> = {
  'with CRLF': csv(['phone,name\r\n', ...linesOf(TWENTY, ',', '\r\n')].join('')),
  'with a byte-order mark and semicolons': csv(
    ['\ufeffphone;name\n', ...linesOf(TWENTY, ';', '\n')].join(''),
  ),
  'in another order': csv(['phone,name\n', ...linesOf(TWENTY, ',', '\n').reverse()].join('')),
  'with a row added': csv(['phone,name\n', ...linesOf(people(21), ',', '\n')].join('')),
  'with a column added that is not sent': csv(
    ['phone,name,shop\n', ...linesOf(TWENTY, ',', ',west\n')].join(''),
  ),
  'with its columns the other way round': csv(
    ['name,phone\n', ...TWENTY.map(({ to, params }) => `${params?.['name']},${to}\n`)].join(''),
  ),
  'with spaces in its numbers': csv(
    ['phone,name\n', ...linesOf(TWENTY, ',', '\n').map((line) => line.replace('+65', '65 '))].join(
      '',
    ),
  ),
  'as rows of a program': { rows: TWENTY },
  'as NDJSON': {
    bytes: Readable.from(TWENTY.map((row) => Buffer.from(`${JSON.stringify(row)}\n`))),
    name: 'the list',
    format: 'ndjson',
  },
};

test.each(Object.entries(RESAVED))(
  'a list saved again %s is the same people',
  async (what, list) => {
    const fleet = await openFleet();
    const first = ['phone,name\n', ...linesOf(TWENTY, ',', '\n')].join('');
    await sendOnce(fleet, 'first', csv(first));
    await finish(fleet, 'first');
    const of = what === 'with a row added' ? 21 : 20;
    const words = `20 of its ${of} recipients were texted this message 1 min ago, by campaign first; --again`;
    await expect(sendOnce(fleet, 'second', list)).rejects.toMatchObject(refused(words));
    expect(await fleet.redis.keys(`${fleet.keys.prefix}*second*`)).toEqual([]);
  },
);
