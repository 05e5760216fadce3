import { describe, expect, test } from 'vitest';
import { PhoneNumbers } from '../../../src/producer/phone/number.ts';
import { nationalNumbers } from '../../support/numbers.ts';
import { type ReadOptions, readNumbers } from './lists.ts';

const A = '+6591234501';
const B = '+6591234502';
const C = '+6598765403';

/** Lists of which every row is read to its end: nobody is told of any. */
const WHOLE: Record<string, Record<string, [text: string | Buffer, options?: ReadOptions]>> = {
  'rows of another length than the header': {
    'one cell too few, one too many': [`phone,reason\n${A},STOP\n${B}\n${C},STOP,\n`],
    'cells too many that hold something': [`phone;reason\n${A};STOP;x;y\n${B};;;z\n${C}\n`],
    'a number beyond the last column': [`name,phone\nAna,${A},${B}\nBo,${C}\n`],
    'a name with a comma before the number': [`name,phone\nLim, Ana,${A}\nBo, Jr,${B},x\nC,${C}\n`],
  },
  'several numbers in a cell': {
    'with what people write between them': [`phone\n"${A}, ${B}"\n${C}\n`],
    'with words, strokes and line ends': [`phone,x\n"${A} or ${B}",\n"${A}\n${C}",\n`],
    'with nothing between them': [`phone,x\n${A}${B}${C},\n`],
    'without their plus': [`phone,x\n6591234501 6591234502,\n6591234501/6598765403,\n`],
    'national ones': [`phone\n"9123 4501 9123 4502"\n98765403和91234501\n`, { country: 'SG' }],
  },
  'whatever the other cells hold': {
    'a spreadsheet error, nothing at all': [`phone,a,b\n${A},#REF!,\n${B},,\n${C},#N/A,NaN\n`],
    'bytes that are no UTF-8': [
      Buffer.from(`phone,name\n${A},Andr\xe9\n${B},M\xfcller\n${C},\xc3\x28\n`, 'latin1'),
    ],
    'NUL bytes': [`phone,name\n${A},a\0b\n${B}\0,\n\0${C},\0\n`],
  },
  columns: {
    'two that can be the number': [`phone,name,mobile\n${A},x,${B}\n,y,6598765403\n`],
    'what came in, with whoever it came from': [
      `To,From,Body\n,${A},STOP\n,6591234502,x\n,${C},\n`,
    ],
    'a number with its plus elsewhere': [`phone,note\n${A},\n${B},call ${C} no more\n`],
    'named twice': [`phone,phone\n${A},${B}\n${C},\n`],
    'titles above the header': [`Opted out in May\n\nname;phone\nx;6591234501\ny;${B}\nz;${C}\n`],
    'a title with a number of its own': [`Hotline ${A}\nname;phone\nx;6591234502\ny;6598765403\n`],
    'sep=': [`sep=|\nname|phone\nx|6591234501\ny|${B}\nz|${C}\n`],
    'marks around a name': [`="name",="phone"\n="x",="${A}"\n="y",'${B}\n="z",'6598765403\n`],
  },
  'no header': {
    'a mark and a blank line first': [`\n\ufeff${A}\n${B}\n${C}\n`],
    'two a line': [`${A} ${B}\n${C} 6591234501\n`],
    'a name beside it': [`${A},Ana\n${B},Bo\nCy,${C}\n`],
    'quotes and marks': [`"${A}"\n'${B}\n="${C}"\n`],
    'all in one line': [`${A},${B},${C}`],
    'lone CR': [`${A}\r${B}\r${C}\r`],
  },
  JSON: {
    'with stray keys and bad params': [
      `{"to":"${A}","x":1}\n{"to":"${B}","params":[{}]}\n{"to":"${C}","params":{"a":null}}\n`,
    ],
    'with other names': [`{"phone":"${A}"}\n{"mobile":6591234502,"name":"x"}\n{"To":"${C}"}\n`],
    bare: [`"${A}"\n6591234502\n["${C}"]\n`, { format: 'ndjson' }],
    'within other objects': [`{"contact":{"tel":"${A}"}}\n{"to":["${B}","${C}"]}\n`],
  },
};

for (const [kind, lists] of Object.entries(WHOLE)) {
  describe(`takes each number: ${kind}`, () => {
    test.each(Object.entries(lists))('%s', async (_name, [text, options]) => {
      const { numbers, told, totals } = await readNumbers(text, options);
      expect(told).toEqual([]);
      const wanted = options?.country === 'SG' ? [A, B, C, A] : [A, B, C];
      expect(new Set(numbers)).toEqual(new Set(wanted));
      expect(totals).toMatchObject({ invalid: 0, partly: 0, numbers: numbers.length });
      // However the bytes come.
      expect((await readNumbers(text, { ...options, sizes: [1, 7, 3] })).numbers).toEqual(numbers);
    });
  });
}

/** Lists with a row that somebody has to look at: its line, and the numbers that are taken all the same. */
const TOLD: Record<string, [text: string, lines: number[], numbers: string[], ReadOptions?]> = {
  'a quote that is not closed': [`phone,x\n${A},"Ana\n${B},Bo\n${C},Cy\n`, [2], [A, B, C]],
  'text behind a closing quote': [`phone,x\n"${A}"x,Ana\n${B},"B" o\n${C},\n`, [2, 3], [A, B, C]],
  'one number that is none beside one': [`phone\n${A} / 12\n"${B}, 999"\n`, [2, 3], [A, B]],
  'a quantity': [`phone\n6.59123E+09\n6591234501.0\n`, [2, 3], [A]],
  'a row without a number': [`phone,name\n,Ana\nnobody,Bo\n${C},Cy\n`, [2, 3], [C]],
  'a number without plus in another column': [`phone,x\n,6591234501\n${B},\n`, [2], [A, B]],
  'a line of JSON that is none': [`{"to":"${A}"}\n{"to":"6591234502","par\n`, [2], [A, B]],
  'digits alone that are no number': ['91234567\n98765432\n', [1, 2], []],
  'a header in the middle': [`phone,x\n${A},\nphone,x\n${B},\n`, [3], [A, B]],
};

describe('tells, and takes the rest', () => {
  test.each(Object.entries(TOLD))('%s', async (_name, [text, lines, wanted, options]) => {
    const { numbers, told, totals } = await readNumbers(text, options);
    expect(numbers).toEqual(wanted);
    expect(told.map(({ line }) => line)).toEqual(lines);
    const raws = text.split('\n');
    expect(told.map(({ raw }) => raw)).toEqual(lines.map((line) => raws[line - 1]));
    const partly = told.filter(({ reason }) => reason === 'part_unread').length;
    expect(totals).toMatchObject({ partly, invalid: told.length - partly });
    for (const { detail } of told) expect(detail).not.toMatch(/\d{8}/);
  });
});

test('a line of more than 1 MB is taken in parts, and told', async () => {
  const many = Array.from({ length: 150_000 }, (_none, at) => `+659${1_000_000 + at}`);
  const { numbers, told } = await readNumbers(`${A}\n${many.join(',')}\n${B}\n`);
  expect(numbers.length).toBe(many.length + 2);
  expect(new Set(numbers)).toEqual(new Set([A, ...many, B]));
  expect(told.map(({ line, reason }) => [line, reason])).toEqual([
    ...[
      [2, 'part_unread'],
      [2, 'part_unread'],
    ],
  ]);
});

test('rows that were swallowed by two stray quotes are found within them', async () => {
  const { numbers } = await readNumbers(`phone,x\n6591234501,"Ana\n6591234502,Bo\n${C},Cy"\n`);
  expect(new Set(numbers)).toEqual(new Set([A, B, C]));
});

test('what is empty in every cell is no row', async () => {
  const { totals } = await readNumbers(`phone,x\n${A},\n,\n , \n\n"",\n${B}\n`);
  expect(totals).toMatchObject({ rows: 2, blank: 3, invalid: 0, numbers: 2 });
});

test('a column that is named counts alone, unless it has no number', async () => {
  const text = `phone,mobile,x\n${A},${B},\n,6598765403,\n${A},,${C}\n`;
  const { numbers, told } = await readNumbers(text, { phoneColumn: 'phone' });
  expect(numbers).toEqual([A, C, A]);
  expect(told.map(({ line }) => line)).toEqual([3]);
  await expect(readNumbers(text, { phoneColumn: 'fax' })).rejects.toThrow(
    'expected a column "fax"',
  );
  const other = await readNumbers(text, { phoneColumn: 'fax', mustHavePhoneColumn: false });
  expect(new Set(other.numbers)).toEqual(new Set([A, B, C]));
});

test('the line of the header can be named', async () => {
  const text = `${A}\nphone,x\n${B},\n${C},\n`;
  expect((await readNumbers(text, { headerRow: 2 })).numbers).toEqual([B, C]);
  await expect(readNumbers(text, { headerRow: 3 })).rejects.toThrow('line 3: expected a column');
});

test.each(['kunde,nr\n1,2\n', 'name\nAna\n', '\n\n'])(
  'refuses what has neither a number nor a column for one: %j',
  async (text) => {
    await expect(readNumbers(text)).rejects.toMatchObject({ code: 'bad_input' });
  },
);

test('asks where digits without plus belong, unless somebody said so', async () => {
  const chinese = nationalNumbers('CN', 40);
  const texts = [
    `phone,x\n${chinese.join(',\n')},\n`,
    `phone,x\n${chinese.map((digits) => `${digits.slice(0, 3)} ${digits.slice(3)}`).join(',\n')}`,
    // Two in each cell, and others with a plus.
    `phone,x\n"${chinese.join(' ').replace(/( \d+) /g, '$1"\n"')}"\n${A},\n`,
  ];
  for (const text of texts) {
    expect((await readNumbers(text)).verdict).toMatchObject({ country: 'CN' });
    expect((await readNumbers(text, { country: 'SG' })).verdict).toBeUndefined();
    expect((await readNumbers(text, { international: true })).verdict).toBeUndefined();
  }
  expect((await readNumbers(`phone\n${A}\n${B}\n`)).verdict).toBeUndefined();
});

test('reads single numbers as send does', async () => {
  const numbers = new PhoneNumbers();
  for (const cell of ['+65 9123 4501', '0065 91234502', '(65) 9876-5403', '+49 30/1234567']) {
    const { numbers: found } = await readNumbers(`phone;x\n${cell};\n`);
    expect(found).toEqual([numbers.read(cell.replace('/', ''))]);
  }
});
