/** A list that was sent, saved again in each way that a spreadsheet or a program saves it: by the command, and the library. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../src/producer/producer.ts';
import { temporaryFolder } from '../support/programs.ts';
import { redisUrl } from '../support/redis.ts';
import { sheetOf } from '../support/workbook.ts';
import { createScene, HEADER, listOf, type Scene } from './scene.ts';

const CSV = HEADER + listOf(20);
const ROWS = listOf(20)
  .trimEnd()
  .split('\n')
  .map((line) => line.split(',').map(String));

interface Resaved {
  name: string;
  content: string | Buffer;
  /** Recipients of this list that were texted, of how many. */
  texted?: number;
  of?: number;
}

function table(join: (row: readonly string[]) => string, end: string, rows = ROWS): string {
  return [['phone', 'name'], ...rows].map((row) => join(row) + end).join('');
}

const quoted = (row: readonly string[]) => row.map((cell) => `"${cell}"`).join(',');
const objects = ROWS.map(([phone = '', name = '']) => ({ to: phone, params: { name } }));

async function resaved(): Promise<Record<string, Resaved>> {
  const sheet = await sheetOf([
    ['Phone', 'name', 'Notes'],
    ...ROWS.map(([phone = '', name = '']) => [Number(phone), name, 'called']),
    [undefined, undefined],
  ]);
  const semicolons = table((row) => row.join(';'), '\r\n');
  return {
    'CRLF and quotes': { name: 'quotes.csv', content: table(quoted, '\r\n') },
    'in the opposite order': {
      name: 'order.csv',
      content: table((row) => row.join(','), '\n', ROWS.toReversed()),
    },
    'a mark, sep= and semicolons': { name: 'sep.csv', content: `\ufeffsep=;\r\n${semicolons}` },
    'UTF-16 with tabs': {
      name: 'tabs.txt',
      content: Buffer.from(`\ufeff${table((row) => row.join('\t'), '\r\n')}`, 'utf16le'),
    },
    'a workbook with a column more and a blank row': { name: 'list.xlsx', content: sheet },
    gzip: { name: 'list.csv.gz', content: gzipSync(CSV) },
    'a JSON array with a param more': {
      name: 'list.json',
      content: JSON.stringify(
        objects.map((row, at) => ({ ...row, params: { ...row.params, id: at } })),
      ),
    },
    NDJSON: {
      name: 'list.ndjson',
      content: objects.map((row) => `${JSON.stringify(row)}\n`).join(''),
    },
    'rows added': { name: 'more.csv', content: HEADER + listOf(30), of: 30 },
    'rows taken out': { name: 'less.csv', content: HEADER + listOf(7, 8), texted: 7, of: 7 },
    'spaces, apostrophes and blank rows': {
      name: 'marks.csv',
      content: table(([phone, name]) => `'${phone}  , ${name}\u00a0`, '\n,\n'),
    },
  };
}

async function sent(): Promise<Scene> {
  const scene = await createScene();
  const folder = await temporaryFolder();
  const file = join(folder, 'list.csv');
  await writeFile(file, CSV);
  await scene.json('send', file, '--template', 'promo', '--params', 'name', '--json');
  return scene;
}

describe('a list that was sent is refused when it was saved again', async () => {
  for (const [how, { name, content, texted = 20, of = 20 }] of Object.entries(await resaved())) {
    test(`as ${how}`, async () => {
      const scene = await sent();
      const path = join(await temporaryFolder(), name);
      await writeFile(path, content);
      const which =
        / to be texted this message by campaign list-[0-9a-f]{8}, sent 1 min ago; --again/;
      const words = new RegExp(`: ${texted} of its ${of} recipients are${which.source}`);
      const options = ['--template', 'promo', '--params', 'name'];
      const refused = await scene.volley('send', path, ...options);
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
      const producer = createProducer({ redis: redisUrl(), prefix: scene.keys.prefix });
      onTestFinished(() => producer.close());
      const given = { template: 'promo', params: ['name'] };
      await expect(producer.send({ path }, given)).rejects.toMatchObject({
        details: { why: 'same_list' },
        message: expect.stringMatching(words),
      });
    });
  }
});
