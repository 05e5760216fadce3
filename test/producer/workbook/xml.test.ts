import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readXml } from '../../../src/producer/workbook/xml.ts';

const WHERE = { book: 'book.xlsx', part: 'part.xml' };

/** What was taken, texts that follow one another joined. */
async function taken(xml: string | Buffer, cuts: readonly number[] = []): Promise<string[]> {
  const bytes = Buffer.from(xml);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  async function* pieces() {
    let start = 0;
    for (const end of ends) {
      yield bytes.subarray(start, end);
      start = end;
    }
  }
  const events: string[] = [];
  let text = '';
  const told = (event: string) => {
    if (text !== '') events.push(`text ${text}`);
    text = '';
    events.push(event);
  };
  await readXml(pieces(), WHERE, {
    open: (name, attributes) => told(`open ${name} ${JSON.stringify(attributes())}`),
    close: (name) => told(`close ${name}`),
    text: (piece) => {
      text += piece;
    },
  });
  return events;
}

const DOCUMENT =
  '\ufeff<?xml version="1.0"?>\r\n<!-- <c a="> --><x:sheet xmlns:x="u"><x:c f="[>=1000]0;&quot;a&gt;&quot;" g=\'"\'/>' +
  '<x:v>Ana &amp; 東京 😀\r\n&#x1F600;&#33;</x:v><![CDATA[<c a=">]]><x:v a="1"></x:v></x:sheet>\n';
const EVENTS = [
  'open sheet {"xmlns:x":"u"}',
  'open c {"f":"[>=1000]0;&quot;a&gt;&quot;","g":"\\""}',
  'close c',
  'open v {}',
  'text Ana & 東京 😀\n😀!',
  'close v',
  'text <c a=">',
  'open v {"a":"1"}',
  'close v',
  'close sheet',
];

test('takes tags, attributes and texts apart', async () => {
  expect(await taken(DOCUMENT)).toEqual(EVENTS);
});

test('reads the same wherever its pieces end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 8 }), async (cuts) => {
      expect(await taken(DOCUMENT, cuts)).toEqual(EVENTS);
    }),
    { numRuns: 300 },
  );
  const each = Array.from({ length: Buffer.byteLength(DOCUMENT) }, (_, at) => at);
  expect(await taken(DOCUMENT, each)).toEqual(EVENTS);
});

test.each([
  ['<a><b></a>', 'is no XML'],
  ['<a b=1/>', 'is no XML'],
  ['<a', 'is no XML'],
  ['', 'is no XML'],
  ['<a/>text', 'is no XML'],
  [Buffer.from('<a>\xe9</a>', 'latin1'), 'in UTF-8'],
  [Buffer.from('<a>\xf0\x9f', 'latin1'), 'in UTF-8'],
])('refuses %s', async (xml, words) => {
  await expect(taken(xml)).rejects.toMatchObject({ code: 'bad_input' });
  await expect(taken(xml)).rejects.toThrow(words);
});
