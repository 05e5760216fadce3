/** Parts as the programs write them that most workbooks come from, each with its own ways, read as the same rows. */
import { expect, test } from 'vitest';
import { writeWorkbook } from '../../support/workbook.ts';
import { cellsOf } from './cells.ts';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const STRICT = 'http://purl.oclc.org/ooxml/spreadsheetml/main';
const SHEET = 'xl/worksheets/s1.xml';
const EXPECTED = [
  ['+6591234567', 'Ana & Lee', '00042'],
  ['6591234568', '林美玲', 'X2'],
];
const SST =
  `<sst xmlns="${MAIN}" count="7" uniqueCount="7"><si><t>phone</t></si><si><t>name</t></si><si><t>code</t></si>` +
  '<si><t>+6591234567</t></si><si><t>Ana &amp; Lee</t></si><si><t>林美玲</t><phoneticPr fontId="1"/></si><si><t>X2</t></si></sst>';

const EXCEL =
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<worksheet xmlns="${MAIN}" ` +
  'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" ' +
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr" ' +
  'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" xr:uid="{00000000-0001-0000-0000-000000000000}">' +
  '<sheetPr filterMode="1"/><dimension ref="A1:C4"/><sheetViews><sheetView tabSelected="1" workbookViewId="0">' +
  '<pane ySplit="1" topLeftCell="A2"/><selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>' +
  '<cols><col min="1" max="1" width="16.7"/></cols><sheetData>' +
  '<row r="1" spans="1:3" x14ac:dyDescent="0.25"><c r="A1" s="2" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>' +
  '<row r="2" spans="1:3" hidden="1"><c r="A2" t="s"><v>3</v></c><c r="B2" t="s"><v>4</v></c><c r="C2" s="1"><v>42</v></c></row>' +
  '<row r="3" spans="1:3"><c r="A3"><v>6591234568</v></c><c r="B3" t="s"><v>5</v></c><c r="C3" t="s"><v>6</v></c></row>' +
  '<row r="4" spans="1:3"><c r="A4" s="1"/><c r="B4" s="1"/></row></sheetData>' +
  '<autoFilter ref="A1:C3"/><mergeCells count="1"><mergeCell ref="A4:B4"/></mergeCells><pageMargins left="0.7"/>' +
  '<extLst><ext uri="{A}"><x14:c xmlns:x14="u"><xm:f xmlns:xm="v">A1</xm:f></x14:c></ext></extLst></worksheet>';

const LIBRE_OFFICE =
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${MAIN}"><sheetPr filterMode="false">` +
  '<pageSetUpPr fitToPage="false"/></sheetPr><dimension ref="A1:C3"/><sheetData>' +
  '<row r="1" customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false">' +
  '<c r="A1" s="0" t="s"><v>0</v></c><c r="B1" s="0" t="s"><v>1</v></c><c r="C1" s="0" t="s"><v>2</v></c></row>' +
  '<row r="2" customFormat="false"><c r="A2" s="0" t="s"><v>3</v></c><c r="B2" s="0" t="str"><f aca="false">"Ana &amp; Lee"</f>' +
  '<v>Ana &amp; Lee</v></c><c r="C2" s="1" t="n"><v>42</v></c></row>' +
  '<row r="3" customFormat="false"><c r="A3" s="0" t="n"><v>6591234568</v></c><c r="B3" s="0" t="s"><v>5</v></c>' +
  '<c r="C3" s="0" t="s"><v>6</v></c></row></sheetData><printOptions headings="false"/></worksheet>';

const GOOGLE_SHEETS =
  `<worksheet xmlns="${MAIN}" xmlns:mx="http://schemas.microsoft.com/office/mac/excel/2008/main"><sheetPr>` +
  '<outlinePr summaryBelow="0" summaryRight="0"/></sheetPr><sheetViews><sheetView workbookViewId="0"/></sheetViews>' +
  '<sheetFormatPr customHeight="1" defaultColWidth="12.63"/><sheetData>' +
  '<row r="1"><c r="A1" s="0" t="s"><v>0</v></c><c r="B1" s="0" t="s"><v>1</v></c><c r="C1" s="0" t="s"><v>2</v></c></row>' +
  '<row r="2"><c r="A2" s="0" t="s"><v>3</v></c><c r="B2" s="0" t="str"><f>IFERROR(__xludf.DUMMYFUNCTION("A1"),"Ana &amp; Lee")</f>' +
  '<v>Ana &amp; Lee</v></c><c r="C2" s="1"><v>42.0</v></c></row>' +
  '<row r="3"><c r="A3" s="0"><v>6.591234568E9</v></c><c r="B3" s="0" t="s"><v>5</v></c><c r="C3" s="0" t="s"><v>6</v></c></row>' +
  '</sheetData><drawing r:id="rId1"/></worksheet>';

const OPENPYXL_WRITE_ONLY =
  `<worksheet xmlns="${MAIN}"><sheetPr><outlinePr summaryBelow="1"/></sheetPr><dimension ref="A1"/><sheetData>` +
  '<row><c t="inlineStr"><is><t>phone</t></is></c><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>code</t></is></c></row>' +
  '<row><c t="inlineStr"><is><t>+6591234567</t></is></c><c t="inlineStr"><is><t>Ana &amp; Lee</t></is></c><c s="1" t="n"><v>42</v></c></row>' +
  '<row><c t="n"><v>6591234568</v></c><c t="inlineStr"><is><t>林美玲</t></is></c><c t="inlineStr"><is><t>X2</t></is></c></row>' +
  '</sheetData></worksheet>';

const OPEN_XML_SDK =
  `<?xml version="1.0" encoding="utf-8"?><x:worksheet xmlns:x="${MAIN}"><x:sheetData>` +
  '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>phone</x:t></x:is></x:c><x:c r="B1" t="str"><x:v>name</x:v></x:c>' +
  '<x:c r="C1" t="str"><x:v>code</x:v></x:c></x:row>' +
  '<x:row r="2"><x:c r="A2" t="str"><x:v>+6591234567</x:v></x:c><x:c r="B2" t="str"><x:v>Ana &amp; Lee</x:v></x:c>' +
  '<x:c r="C2" s="1"><x:v>42</x:v></x:c></x:row>' +
  '<x:row r="3"><x:c r="A3"><x:v>6591234568</x:v></x:c><x:c r="B3" t="s"><x:v>5</x:v></x:c><x:c r="C3" t="s"><x:v>6</x:v></x:c></x:row>' +
  '</x:sheetData></x:worksheet>';

test.each([
  ['Excel', EXCEL, 1],
  ['Excel, Strict Open XML', EXCEL.replace(MAIN, STRICT), 1],
  ['LibreOffice', LIBRE_OFFICE, 0],
  ['Google Sheets', GOOGLE_SHEETS, 0],
  ['openpyxl, write only', OPENPYXL_WRITE_ONLY, 0],
  ['a program with the Open XML SDK', OPEN_XML_SDK, 0],
])('as %s writes them', async (_program, sheet, blank) => {
  for (const root of ['', '/xl/']) {
    const bytes = await writeWorkbook({
      sheets: [{ name: 'Sheet1', rows: [] }],
      formats: ['00000'],
      root,
      parts: [
        { name: SHEET, text: [sheet] },
        { name: 'xl/sharedStrings.xml', text: [SST] },
      ],
    });
    expect(await cellsOf(bytes)).toMatchObject({ rows: EXPECTED, blank });
  }
});

test('without any part but the sheet and what names it', async () => {
  const relations =
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" ' +
    'Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="../xl/worksheets/s1.xml"/></Relationships>';
  const bytes = await writeWorkbook({
    sheets: [{ name: 'Sheet1', rows: [] }],
    parts: [
      { name: 'xl/_rels/workbook.xml.rels', text: [relations] },
      { name: SHEET, text: [OPENPYXL_WRITE_ONLY] },
    ],
  });
  expect((await cellsOf(bytes)).rows[1]).toEqual(['6591234568', '林美玲', 'X2']);
});
