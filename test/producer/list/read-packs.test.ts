import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPacks } from '../../../src/producer/list/read-packs.ts';
import { JOB_VERSION, Job } from '../../../src/shared/job.ts';
import { inPieces, readWhole } from './lists.ts';

const anyNumber = fc.oneof(
  fc.integer({ min: 6591234560, max: 6591234569 }).map((digits) => `+${digits}`),
  fc.constantFrom('nobody', ''),
);

test('accounts for every row, as a small independent count does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyNumber, { minLength: 1 }), async (numbers) => {
      const list = await readWhole(
        { rows: numbers.map((to) => ({ to })) },
        { findSuppressed: (fresh) => fresh.map((to) => to.endsWith('0')) },
      );
      const valid = numbers.filter((to) => to.startsWith('+'));
      const distinct = new Set(valid);
      const suppressed = [...distinct].filter((to) => to.endsWith('0')).length;
      expect(list.totals).toMatchObject({
        rows: numbers.length,
        invalid: numbers.length - valid.length,
        duplicate: valid.length - distinct.size,
        suppressed,
        recipients: distinct.size - suppressed,
      });
      expect(list.recipients.length).toBe(list.totals.recipients);
    }),
  );
});

test('makes packs that are jobs', async () => {
  const rows = Array.from({ length: 2345 }, (_, index) => ({
    to: `+${6581000000 + index}`,
    params: { name: index % 3 === 0 ? `n${index}` : 'all' },
  }));
  const list = await readWhole({ rows }, { batchSize: 300 });
  const messages = list.packs.flat().length;
  expect(list.totals).toMatchObject({ recipients: 2345, messages, jobs: list.packs.length });
  for (const pack of list.packs) {
    const job = {
      v: JOB_VERSION,
      campaign: 'c',
      template: 't',
      on_unconfirmed: 'park',
      params: [...list.params],
      messages: pack,
    };
    expect(Job.safeParse(job).error).toBeUndefined();
  }
});

test('makes the same packs of the same list however it arrives', async () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `+${6581000000 + index},${index % 7}`);
  const text = `phone,n\n${lines.join('\n')}\n`;
  const whole = await readWhole(text, { params: 'all' });
  const source = { bytes: inPieces(text, [1000, 7]), name: 'list' };
  const cut = await readWhole(source, { params: 'all' });
  expect(cut.packs).toEqual(whole.packs);
  expect(cut.sha256).toBe(createHash('sha256').update(text).digest('hex'));
});

test('reads NDJSON, found by its first byte, and keeps large integers exact', async () => {
  const text =
    ' \n{"to":"+6591234567","params":{"id":1972492621368553472,"yes":true}}\r\n\n' +
    '{"to":6591234568,"params":{"yes":"no","id":2.5}}';
  const list = await readWhole(text);
  expect(list.params).toEqual(['id', 'yes']);
  expect(list.recipients).toEqual(['+6591234567:1972492621368553472,true', '+6591234568:2.5,no']);
});

test.each([
  ['nonsense', 'bad_json'],
  ['{"to":"+6591234568"', 'bad_json'],
  ['[1]', 'bad_row'],
  ['null', 'bad_row'],
  ['{"params":{"a":"1"}}', 'bad_row'],
  ['{"to":["+6591234568"],"params":{"a":"1"}}', 'bad_row'],
  ['{"to":"+6591234568","params":[1]}', 'bad_row'],
  ['{"to":"+6591234568","parms":{"a":"1"}}', 'bad_row'],
  ['{"to":"+6591234568"}', 'missing_param'],
  ['{"to":"+6591234568","params":{"a":null}}', 'missing_param'],
  ['{"to":"+6591234568","params":{"a":""}}', 'missing_param'],
  ['{"to":"+6591234568","params":{"a":{}}}', 'bad_param'],
  ['{"to":"+6591234568","params":{"a":"\\u0000"}}', 'bad_param'],
  ['{"to":"+6591234568","params":{"a":"1","b":"2"}}', 'unknown_param'],
  ['{"to":"nobody","params":{"a":"1"}}', 'bad_number'],
])('calls the line %s invalid and goes on', async (line, reason) => {
  const good = (digits: number) => `{"to":"+${digits}","params":{"a":"1"}}`;
  const list = await readWhole(`${good(6591234567)}\n${line}\n${good(6591234569)}\n`);
  expect(list.recipients).toEqual(['+6591234567:1', '+6591234569:1']);
  expect(list.invalid).toMatchObject([{ line: 2, reason, raw: line }]);
});

test('picks params by name from objects', async () => {
  const rows = [{ to: '+6591234567', params: { a: 1, b: 2n, c: 'x' } }];
  const list = await readWhole({ rows }, { params: ['b'], constants: { k: 'v' } });
  expect(list.params).toEqual(['b', 'k']);
  expect(list.recipients).toEqual(['+6591234567:2,v']);
});

test('gives rows the same SHA-256 whatever the order of their keys, and wherever they come from', async () => {
  const some = [{ to: '+6591234567', params: { a: '1', b: '2' } }];
  const others = [{ params: { b: '2', a: '1' }, to: '+6591234567' }];
  async function* cursor() {
    yield* others;
  }
  const [first, second] = [await readWhole({ rows: some }), await readWhole({ rows: cursor() })];
  expect(second.sha256).toBe(first.sha256);
  const changed = await readWhole({ rows: [{ to: '+6591234567', params: { a: '1', b: '3' } }] });
  expect(changed.sha256).not.toBe(first.sha256);
});

test('counts an invalid row before a duplicate, and a duplicate before a suppressed one', async () => {
  const csv = 'phone,a\n6591234567,x\n6591234567,\n6591234567,y\n';
  const list = await readWhole(csv, {
    params: 'all',
    findSuppressed: (all) => all.map(() => true),
  });
  expect(list.totals).toMatchObject({ invalid: 1, duplicate: 1, suppressed: 1, recipients: 0 });
});

test('keeps a few samples of each reason, without a whole number in them', async () => {
  const rows = Array.from({ length: 9 }, (_, index) => ({ to: `+65912345${index}x` }));
  const { totals } = await readWhole({ rows: [...rows, { to: '+6591234567' }] });
  expect(totals.reasons).toEqual({ bad_number: 9 });
  expect(totals.firstInvalid.map(({ line }) => line)).toEqual([1, 2, 3]);
  expect(JSON.stringify(totals)).not.toMatch(/659123|91234/);
});

test('has balanced totals whenever somebody looks', async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => ({
    to: index % 5 === 0 ? 'x' : `+${6581000000 + (index % 3000)}`,
  }));
  const check = () => {
    const { totals } = reading;
    const { invalid, duplicate, suppressed, recipients } = totals;
    expect(totals.rows).toBe(invalid + duplicate + suppressed + recipients);
  };
  const reading = readPacks(
    { rows },
    {
      findSuppressed: async (all) => {
        check();
        return all.map(() => false);
      },
      onInvalid: check,
    },
  );
  for await (const _packs of reading) check();
  check();
  expect(reading.totals.rows).toBe(5000);
});

test('stops on its signal, also while a pipe is silent', async () => {
  async function* silent() {
    yield Buffer.from('phone\n+6591234567\n');
    await new Promise<never>(() => undefined);
  }
  const stop = new AbortController();
  const reading = readWhole({ bytes: silent(), name: 'pipe' }, { signal: stop.signal });
  stop.abort(new Error('stopped by a person'));
  await expect(reading).rejects.toThrow('stopped by a person');
  const again = readWhole('phone\n+6591234567\n', { signal: stop.signal });
  await expect(again).rejects.toThrow('stopped by a person');
});

test('closes its source when nobody reads on', async () => {
  let closed = false;
  async function* cursor() {
    try {
      for (let index = 0; ; index++) yield { to: `+${6581000000 + index}` };
    } finally {
      closed = true;
    }
  }
  for await (const _packs of readPacks({ rows: cursor() }, { batchSize: 1 })) break;
  expect(closed).toBe(true);
});

test('lets other work have its turn while it reads from memory', async () => {
  const rows = Array.from({ length: 50_000 }, (_, index) => ({ to: `+${6581000000 + index}` }));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await readWhole({ rows });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});
