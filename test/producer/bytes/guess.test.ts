import { expect, test } from 'vitest';
import { guessEncoding } from '../../../src/producer/bytes/guess.ts';
import { readWhole } from '../list/lists.ts';
import { encode } from './encode.ts';
import { NAMES } from './names.ts';

/** The same chances at every run. */
function dice(): (below: number) => number {
  let state = 20_260_101;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

function listOf(names: readonly string[], rows: number, below: (most: number) => number): string {
  const lines = Array.from(
    { length: rows },
    () => `+65${80_000_000 + below(9_999_999)},${names[below(names.length)]}\n`,
  );
  return `phone,name\n${lines.join('')}`;
}

/** The share of 40 lists of each language whose encoding is found. */
function sharesRight(rows: number): Map<string, number> {
  const below = dice();
  return new Map(
    NAMES.map(({ language, encoding, names }) => {
      let right = 0;
      for (let count = 0; count < 40; count++) {
        const list = encode(listOf(names, rows, below), encoding);
        if (guessEncoding(list)?.encoding === encoding) right += 1;
      }
      return [language, right / 40];
    }),
  );
}

test('is right nearly always of lists of five rows, and of thirty', () => {
  for (const rows of [5, 30]) {
    const shares = sharesRight(rows);
    // Of five Czech names, few have letters that are not as good in another encoding.
    shares.delete(rows === 5 ? 'Czech' : '');
    for (const [language, share] of shares)
      expect([language, share >= 0.9]).toEqual([language, true]);
    const all = [...shares.values()];
    const mean = all.reduce((sum, share) => sum + share, 0) / all.length;
    expect(mean).toBeGreaterThan(rows === 5 ? 0.97 : 0.99);
  }
});

const rows = (...names: string[]) => names.map((name, at) => `+659123456${at},${name}\n`).join('');

test.each([
  ['gb18030', 'Chinese', 'phone,name\n', rows('Ada', '苏轼', '李清照', '辛弃疾')],
  ['gb18030', 'Chinese', '手机号,姓名\n', rows('韦小宝', '令狐冲', '任盈盈')],
  ['big5', 'traditional Chinese', 'phone,name\n', rows('蘇軾', '李清照', '辛棄疾', '歐陽脩')],
  ['big5', 'traditional Chinese', '電話,姓名\n', rows('鄧麗君', '費玉清')],
  ['shift_jis', 'Japanese', 'phone,name\n', rows('夏目漱石', '宮沢賢治', '樋口一葉')],
  ['shift_jis', 'Japanese', '電話番号,お名前\n', rows('紫式部', '清少納言')],
  ['euc-kr', 'Korean', 'phone,name\n', rows('이순신', '세종대왕', '신사임당')],
  ['euc-kr', 'Korean', '전화번호,이름\n', rows('윤동주', '한강')],
  ['windows-1252', 'Western European', 'phone,name\n', rows('Ada', 'Bob', 'Zoë')],
  ['windows-1252', 'Western European', 'Téléphone,Prénom\n', rows('Ada', 'Eva')],
  ['windows-1252', 'Western European', 'phone,text\n', rows('Für 5 €', 'Ümläute', 'Fußball')],
  ['windows-1251', 'Cyrillic', 'phone,name\n', rows('Лев Толстой', 'Анна Ахматова')],
  ['windows-1258', 'Vietnamese', 'phone,name\n', rows('Hồ Xuân Hương', 'Nguyễn Du', 'Tố Hữu')],
  ['windows-874', 'Thai', 'phone,name\n', rows('สุนทรภู่', 'ศรีปราชญ์', 'เจ้าพระยา')],
  ['windows-1256', 'Arabic', 'phone,name\n', rows('نجيب محفوظ', 'طه حسين', 'أم كلثوم')],
])('names %s (%s), and reads it then', async (encoding, words, header, body) => {
  const bytes = encode(header + body, encoding);
  const columns = header.trim().split(',');
  const options = { params: [columns[1] ?? ''], phoneColumn: columns[0] };
  const reading = (async () => readWhole(bytes, options))();
  await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
  await expect(reading).rejects.toThrow(
    `expected UTF-8, got other bytes, by their looks ${encoding} (${words}); read it with --encoding ${encoding}, or save it as UTF-8`,
  );
  const read = await readWhole(bytes, { ...options, encoding });
  expect(read.recipients.join('\n')).toBe(body.replaceAll(',', ':').trim());
});

test('names the line of the first bytes that are no UTF-8', async () => {
  const text = `phone,name\n${'+6591234567,Ada\n'.repeat(9000)}+6598765432,José\n`;
  await expect(readWhole(Buffer.from(text, 'latin1'), { params: 'all' })).rejects.toThrow(
    'list, line 9002: expected UTF-8, got other bytes, by their looks windows-1252',
  );
});

test('guesses nothing where most of it is UTF-8', async () => {
  const lines = [...rows('张伟', 'José', 'Zoë').split('\n').slice(0, 3), '+6591234569,Jos'];
  const text = Buffer.concat([Buffer.from(`phone,name\n${lines.join('\n')}`), Buffer.of(0xc3, 10)]);
  await expect(readWhole(text, { params: 'all' })).rejects.toThrow(
    'list, line 5: expected UTF-8, got other bytes, while other lines are UTF-8; mend this line',
  );
});

test('names no encoding for bytes that are no text', async () => {
  const bytes = Buffer.from(
    'phone,n\n+6591234567,\x81\x90\x81\xff\x8d\xfe\xfd\x9d\x8f\n',
    'latin1',
  );
  await expect(readWhole(bytes, { params: 'all' })).rejects.toThrow(
    'line 2: expected UTF-8, got other bytes; save it as UTF-8, or name its encoding, as in --encoding gb18030',
  );
});

test('takes letters of DOS among Latin ones for no Korean', async () => {
  // Jürgen and Käthe in code page 850, which nothing reads.
  const bytes = Buffer.from(
    'phone,name\n+4915112345678,J\x81rgen\n+4915123456789,K\x84the\n',
    'latin1',
  );
  const reading = (async () => readWhole(bytes, { params: ['name'] }))();
  await expect(reading).rejects.toThrow('got other bytes; save it as UTF-8');
});
