import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodingOf, fromEncoding } from '../../../src/producer/bytes/encoded.ts';
import { fromUtf16 } from '../../../src/producer/bytes/utf16.ts';
import { inPieces, readWhole } from '../list/lists.ts';
import { encode, joined, tableOf } from './encode.ts';

const ALL = { params: 'all' } as const;
const list = (...names: string[]) =>
  `phone,name\n${names.map((name, at) => `+659123456${at},${name}\n`).join('')}`;
const recipients = (...names: string[]) => names.map((name, at) => `+659123456${at}:${name}`);

/** Each with what Node's own decoder does not have, or has otherwise. */
const LISTS: readonly [encoding: string, names: readonly string[]][] = [
  ['gb18030', ['张伟', '欧阳娜娜', '㐂龦', '€5']],
  ['gbk', ['王芳', '镕基', '喆']],
  ['gb2312', ['李雷', '韩梅梅', '北京市']],
  ['big5', ['陳怡君', '許功蓋', '碁']],
  ['shift_jis', ['佐藤ソ能', '髙﨑', 'ﾀﾅｶ', '①～']],
  ['euc-jp', ['鈴木一郎', 'さくら', 'タナカ']],
  ['euc-kr', ['김민수', '똠방각하', '펲시', '뷁']],
  ['windows-1252', ['José', 'Größe', '€ “L’Oréal” …']],
  ['iso-8859-1', ['Ñandú', 'Ærø', 'ÿ']],
  ['latin1', ['François', 'Øre', 'ß']],
  ['windows-1250', ['Łukasz', 'Jiří', 'Ödön']],
  ['windows-1251', ['Иван', 'Ёлка', 'Київ']],
  ['windows-1258', ['Nguyễn', 'Đỗ Hằng', 'Thủy']],
  ['windows-874', ['สมชาย', 'ณัฐพล', 'กรุงเทพ']],
  ['windows-1256', ['محمد', 'فاطمة', 'پرويز']],
  ['koi8-r', ['Мария', 'Ольга', 'Ёж']],
  ['macintosh', ['Zoë', 'Åse', 'Ωmega']],
  [' CP949 ', ['박지훈', '뷁', '이']],
  ['cp936', ['刘洋', '赵磊', '黄丽']],
  ['utf-8', ['张伟', 'José', '😀']],
  ['UTF-16LE', ['张伟', 'José', '😀']],
  ['utf-16be', ['张伟', 'José', '😀']],
];

test.each(LISTS)('reads %s by its name', async (encoding, names) => {
  const bytes = encode(list(...names), encodingOf(encoding.replace('cp936', 'gbk')));
  for (const sizes of [[65_536], [1], [3, 2]]) {
    const source = { bytes: inPieces(bytes, sizes), name: 'list' };
    const read = await readWhole(source, { ...ALL, encoding });
    expect(read.recipients).toEqual(recipients(...names));
  }
});

test.each(['utf-16le', 'utf-16be'] as const)('reads %s by itself', async (encoding) => {
  const names = ['Ada', '一丁', '😀𠮷', 'Ā'];
  for (const mark of ['\ufeff', '']) {
    for (const text of [
      list(...names),
      list(...names)
        .replaceAll('\n', '\r\n')
        .replace('phone', 'Phone'),
    ]) {
      for (const sizes of [[65_536], [1], [5, 2]]) {
        const source = { bytes: inPieces(encode(mark + text, encoding), sizes), name: 'list' };
        expect((await readWhole(source, ALL)).recipients).toEqual(recipients(...names));
      }
    }
  }
  const ndjson = encode('{"to":"+6591234567","params":{"n":"张"}}\n', encoding);
  expect((await readWhole(ndjson)).recipients).toEqual(['+6591234567:张']);
  const chinese = encode('电话,姓名\n13812345678,张伟\n13912345678,王一\n', encoding);
  const options = { ...ALL, phoneColumn: '电话', country: 'CN' };
  expect((await readWhole(chinese, options)).recipients).toEqual([
    '+8613812345678:张伟',
    '+8613912345678:王一',
  ]);
});

const pieceSizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 });

test.each(
  [...new Set(LISTS.map(([encoding]) => encodingOf(encoding)))].filter(
    (each) => !each.startsWith('utf'),
  ),
)('gives back any text in %s, cut anywhere', async (encoding) => {
  // A tone alone is none that anybody types.
  const chars = [...tableOf(encoding).keys()].filter(
    (char) => !/\p{M}/u.test(char) && char !== '\u001a',
  );
  const text = fc.array(fc.constantFrom(...chars), { maxLength: 60 }).map((each) => each.join(''));
  await fc.assert(
    fc.asyncProperty(text, pieceSizes, async (given, sizes) => {
      const pieces = buffers(inPieces(encode(given, encoding), sizes));
      const read = await joined(fromEncoding(pieces, encoding, 'list'));
      expect(read.toString()).toBe(encoding === 'windows-1258' ? given.normalize() : given);
    }),
    { numRuns: 200 },
  );
});

test.each(['utf-16le', 'utf-16be'] as const)(
  'gives back any text in %s, cut anywhere',
  async (order) => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 60 }),
        pieceSizes,
        async (given, sizes) => {
          const pieces = buffers(inPieces(encode(given, order), sizes));
          expect((await joined(fromUtf16(pieces, order, 'list'))).toString()).toBe(given);
        },
      ),
    );
  },
);

const half = (text: string) => Buffer.from(text, 'utf16le');

test.each<[string, Buffer, string | undefined, string]>([
  [
    'a lone surrogate',
    half('\ufeffphone,n\n1,\ud83d,\n'),
    undefined,
    'line 2: expected UTF-16LE, got half a character',
  ],
  [
    'a lone second half',
    half('\ufeffphone,n\r\n1,a\r\n2,\udc00\r\n'),
    undefined,
    'line 3: expected UTF-16LE, got half',
  ],
  [
    'a byte too many',
    Buffer.concat([half('\ufeffphone\n1\n'), Buffer.of(65)]),
    undefined,
    'line 3: expected UTF-16LE, got half a character at its end',
  ],
  [
    'half a pair at the end',
    half('\ufeffphone,n\r1,\ud83d'),
    undefined,
    'line 2: expected UTF-16LE, got half a character at its end',
  ],
  [
    'UTF-32',
    Buffer.from([0xff, 0xfe, 0, 0, 0x70, 0, 0, 0]),
    undefined,
    'got UTF-32; save it as UTF-8',
  ],
  ['UTF-32, big', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x70]), undefined, 'got UTF-32'],
  [
    'UTF-32 without a mark',
    Buffer.from([...'phone\n'].flatMap((char) => [char.charCodeAt(0), 0, 0, 0])),
    undefined,
    'got UTF-32',
  ],
  [
    'UTF-16 that is called UTF-8',
    half(`\ufeff${list('a')}`),
    'utf-8',
    'expected utf-8, got what is UTF-16LE; leave the encoding out',
  ],
  ['UTF-16 without a mark that is called UTF-8', half(list('a')), 'utf-8', 'got what is UTF-16LE'],
  [
    'UTF-16 in the other order',
    half(`\ufeff${list('a')}`),
    'utf-16be',
    'expected utf-16be, got what is UTF-16LE',
  ],
  [
    'UTF-8 that is called GB18030',
    Buffer.from(list('张伟', '王芳', '刘洋')),
    'gb18030',
    'expected gb18030, got what is UTF-8',
  ],
  [
    'marked UTF-8 that is called Windows-1252',
    Buffer.from(`\ufeff${list('a')}`),
    'windows-1252',
    'got what is UTF-8',
  ],
  [
    'an encoding that nobody knows',
    Buffer.from(list('a')),
    'ebcdic-ü',
    'encoding: expected the name of one, as in gb18030, big5',
  ],
  ['an encoding without a name', Buffer.from(list('a')), '', 'encoding: expected the name of one'],
  ['one that browsers do not read', Buffer.from(list('a')), 'utf-7', 'got "utf-7"'],
  [
    'half of a character at the end',
    encode('phone,n\n+6591234567,张', 'gb18030').subarray(0, -1),
    'gb18030',
    'line 2: expected gb18030',
  ],
  [
    'Big5 that is called Shift_JIS',
    encode(list('a', 'b', '許功蓋', '碁'), 'big5'),
    'shift_jis',
    'line 5: expected shift_jis, got bytes that are no text in it',
  ],
  [
    'a control character of Latin-1',
    Buffer.from('phone,n\r\n+6591234567,a\r\n+6591234568,\x81\r\n', 'latin1'),
    'windows-1252',
    'line 3: expected windows-1252',
  ],
  [
    'what Korean does not have',
    Buffer.from([...Buffer.from('phone\r1\r2'), 0xff]),
    'euc-kr',
    'line 3: expected euc-kr',
  ],
])('refuses %s', async (_name, bytes, encoding, message) => {
  for (const sizes of [[65_536], [4096, 1], [7]]) {
    const source = { bytes: inPieces(bytes, sizes), name: 'list' };
    const reading = (async () => readWhole(source, { ...ALL, encoding }))();
    await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
    await expect(reading).rejects.toThrow(message);
  }
});

test('finds the line of bad bytes far behind', async () => {
  const rows = Array.from(
    { length: 9000 },
    (_none, at) => `+${6580000000 + at},${at === 7000 ? '\u0000' : '张'}`,
  );
  const bytes = encode(`phone,n\n${rows.join('\n')}`, 'gb18030');
  bytes[bytes.indexOf(0)] = 0xff;
  const reading = (async () => readWhole(bytes, { ...ALL, encoding: 'gb18030' }))();
  await expect(reading).rejects.toThrow('list, line 7002: expected gb18030');
});

async function* buffers(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}
