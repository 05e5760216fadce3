import { expect, test } from 'vitest';
import { sheetOf } from '../../support/workbook.ts';
import { cellsOf, texts } from './cells.ts';

const number = (stored: string, style = 0) => ({
  attributes: `s="${style}"`,
  inside: `<v>${stored}</v>`,
});

test('joins the runs of rich text, and leaves out how it is read aloud', async () => {
  const inside =
    '<is><r><rPr><b/></rPr><t xml:space="preserve">Ana </t></r><r><t>Lee</t></r>' +
    '<rPh sb="0" eb="1"><t>アナ</t></rPh><phoneticPr fontId="1"/></is>';
  expect(await texts([{ attributes: 't="inlineStr"', inside }, 'Ana'])).toEqual(['Ana Lee', 'Ana']);
  const shared =
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>phone</t></si><si><t>v</t></si>' +
    '<si><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si/><si><t/></si>' +
    '<si><t><![CDATA[a<b]]> &#x1F600;&#128512;&amp;amp;</t></si></sst>';
  const cells = [2, 3, 4, 5].map((index) => ({ attributes: 't="s"', inside: `<v>${index}</v>` }));
  const parts = [{ name: 'xl/sharedStrings.xml', text: [shared] }];
  const own = await cellsOf(
    await sheetOf([['phone', 'v'], ...cells.map((it) => [1, it])], { parts }),
  );
  expect(own.rows.map(([, text]) => text)).toEqual(['東京', '', '', 'a<b 😀😀&amp;']);
});

test.each([
  ['6591234567', '6591234567'],
  ['6.591234567E9', '6591234567'],
  ['6.5912345670000000E+9', '6591234567'],
  ['1.0', '1'],
  ['-0', '0'],
  ['123456789012345', '123456789012345'],
  ['12345678901234567890', '12345678901234567890'],
  ['1.2E+25', '12000000000000000000000000'],
  ['19.989999999999998', '19.99'],
  ['1.1000000000000001', '1.1'],
  ['1E-7', '0.0000001'],
  ['-2.50', '-2.5'],
])('reads the stored number %s as %s', async (stored, text) => {
  expect(await texts([number(stored)])).toEqual([text]);
});

test('reads booleans, errors and the results of formulas', async () => {
  const cells = [
    { attributes: 't="b"', inside: '<v>1</v>' },
    { attributes: 't="b"', inside: '<v>0</v>' },
    { attributes: 't="e"', inside: '<v>#N/A</v>' },
    { attributes: 't="str"', inside: '<f>A1&amp;"x"</f><v>Ana_x000a_Lee</v>' },
    { inside: '<f t="shared" si="0">SUM(A1)</f><v>7</v>' },
    { inside: '<f>A1</f>' },
  ];
  expect(await texts(cells)).toEqual(['TRUE', 'FALSE', '#N/A', 'Ana\nLee', '7', '']);
});

test('writes dates as they are shown', async () => {
  const formats = ['dd/mm/yyyy', 'yyyy"年"m"月"d"日"', '[$-409]d\\-mmm\\-yy;@', 14, 22, 20, 46, 31];
  const cells = formats.map((_format, at) => number('46000.75', at + 1));
  expect(await texts(cells, { formats })).toEqual([
    '09/12/2025',
    '2025年12月9日',
    '9-Dec-25',
    '2025-12-09',
    '2025-12-09 18:00',
    '18:00',
    '1104018:00:00',
    '2025-12-09',
  ]);
});

test('counts days from 1904 where the workbook does', async () => {
  const formats = ['yyyy-mm-dd', 'd.m.yy', 14];
  const cells = formats.map((_format, at) => number('44538', at + 1));
  expect(await texts(cells, { formats, isOf1904: true })).toEqual([
    '2025-12-09',
    '9.12.25',
    '2025-12-09',
  ]);
});

test('reads dates that are stored as ISO 8601', async () => {
  const iso = (text: string, style: number) => ({
    attributes: `t="d" s="${style}"`,
    inside: `<v>${text}</v>`,
  });
  const cells = [
    iso('2025-12-09', 1),
    iso('2025-12-09T18:30:00Z', 2),
    iso('2025-12-09T00:00:00', 0),
    iso('soon', 1),
  ];
  expect(await texts(cells, { formats: ['d/m/yyyy', 'h:mm'] })).toEqual([
    '9/12/2025',
    '18:30',
    '2025-12-09',
    'soon',
  ]);
});

test('shows zeros before a number where its format is made of them, and no other format', async () => {
  const formats = ['00000', '000"-"000', '"+"0', '#,##0.00', '0%', '0.00E+00', '[Red]0'];
  const cells = ['42', '123456', '6591234567', '1234.5', '0.5', '6591234567', '7'];
  expect(
    await texts(
      cells.map((it, at) => number(it, at + 1)),
      { formats },
    ),
  ).toEqual(['00042', '123-456', '+6591234567', '1234.5', '0.5', '6591234567', '7']);
});
