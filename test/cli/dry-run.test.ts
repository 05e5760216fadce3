import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countBigList, writeBigList } from '../support/big-list.ts';
import { run, temporaryFolder } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import { writeWorkbook } from '../support/workbook.ts';
import { createScene, fileWith, freePort, HEADER, listOf, VOLLEY } from './scene.ts';

const LIST = `phone,name,code,email\n+6591234567,Ada,1,a@x\n91,Bob,2,b@x\n+65 9123 4567,Cy,3,c@x\n+6591234568,Zoë–,4,d@x\n`;
const OPTIONS = ['--template', 'promo', '--params', 'name,code', '--max-invalid', '50%'];

test('prints what a list would come to, and leaves nothing behind', async () => {
  const { keys, volley } = await createScene();
  const file = await fileWith(LIST);
  const text = ['--template-text', 'Hi {{name}}, {{code}}'];
  const { code, stdout } = await volley('send', file, ...OPTIONS, ...text, '--dry-run');
  expect(code).toBe(0);
  for (const line of [
    /^ {2}rows +4$/m,
    /^ {4}duplicate +1$/m,
    /^ {4}recipients +2$/m,
    /^ {2}1 row without a usable number \(bad_number\)\n {4}line 3: /m,
    /^ {2}params +name, code$/m,
    /^ {2}not sent +email$/m,
    /^ {2}requests +2 in 1 job$/m,
    /^ {2}takes +1 s at 50 requests\/s$/m,
    /^ {2}segments +1 a text; 2 in all$/m,
    /"–" for 1, as in "Hi Zoë–, 4"/,
    /^ {2}texts +"Hi Ada, 1"$/m,
  ]) {
    expect(stdout).toMatch(line);
  }
  expect(await connect().keys(`${keys.prefix}*`)).toEqual([]);
});

test('prints the send object and more as JSON', async () => {
  const { json } = await createScene();
  const file = await fileWith(LIST);
  const dry = await json('send', file, ...OPTIONS, '--rate', '2', '--dry-run', '--json');
  expect(dry).toMatchObject({
    rows: 4,
    invalid: 1,
    duplicate: 1,
    suppressed: 0,
    recipients: 2,
    messages: 2,
    jobs: 1,
    released: false,
    dry_run: true,
    problem: null,
    reasons: { bad_number: 1 },
    first_invalid: [{ line: 3, reason: 'bad_number' }],
    params: ['name', 'code'],
    number_column: 'phone',
    unused_columns: ['email'],
    rate: 2,
    seconds: 1,
  });
});

test('says which sheet of a workbook was read, where others could be meant', async () => {
  const { env, json } = await createScene();
  const path = join(await temporaryFolder(), 'list.xlsx');
  const rows = [['phone'], [6591234567]];
  const sheets = ['May', "Ana's"].map((name) => ({ name, rows }));
  await writeFile(path, await writeWorkbook({ sheets }));
  const args = ['send', path, '--template', 'promo', '--dry-run'];
  const { code, stdout } = await run(VOLLEY, args, { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/sheet +"May"; --sheet reads another: "Ana's"/);
  const dry = await json(...args, '--sheet', "ana's", '--json');
  expect(dry).toMatchObject({ recipients: 1, sheet: "Ana's", other_sheets: [] });
});

test('does without Redis and without credentials, and says so', async () => {
  const { env } = await createScene();
  const { ENGAGELAB_DEV_KEY: _key, ENGAGELAB_DEV_SECRET: _secret, ...rest } = env;
  const bare = { ...rest, REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
  const args = ['send', await fileWith(LIST), ...OPTIONS, '--dry-run', '--json'];
  const { code, stdout, stderr } = await run(VOLLEY, args, { env: bare });
  expect(code).toBe(0);
  expect(stderr).toContain('Without it nobody knows opt-outs');
  expect(JSON.parse(stdout)).toMatchObject({ recipients: 2, redis: false });
});

test('refuses a variable without a param, in a dry run and in a send', async () => {
  const { keys, volley } = await createScene();
  const file = await fileWith(LIST);
  const args = ['send', file, ...OPTIONS, '--template-text', 'Hi {{nam}}'];
  for (const command of [[...args, '--dry-run'], args]) {
    expect(await volley(...command)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('got none for {{nam}}, which would go out literally'),
    });
  }
  expect(await connect().keys(`${keys.prefix}*`)).toEqual([]);
});

test('says what send would be refused for, after all there is to see', async () => {
  const { volley } = await createScene();
  const file = await fileWith(LIST);
  const args = ['--template', 'promo', '--params', 'name'];
  const rejects = join(await temporaryFolder(), 'bad.csv');
  const dry = await volley('send', file, ...args, '--dry-run', '--json', '--rejects', rejects);
  expect(dry).toMatchObject({ code: 2, stderr: expect.stringContaining('expected at most 10 %') });
  expect(JSON.parse(dry.stdout)).toMatchObject({ recipients: 2, problem: expect.any(String) });
  expect(await readFile(rejects, 'utf8')).toContain('3,bad_number,');
});

test('says that the same command had been run before, and knows a list by its content', async () => {
  const { json, volley } = await createScene();
  const file = await fileWith(HEADER + listOf(5));
  const args = ['--template', 'promo', '--params', 'name'];
  await json('send', file, ...args, '--json');
  expect(await json('send', file, ...args, '--dry-run', '--json')).toMatchObject({
    already_sent: true,
    released: false,
  });
  const other = await volley('send', file, ...args, '--campaign', 'other', '--dry-run');
  expect(other).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('5 of its 5 recipients are'),
  });
});

test('counts as an independent script does, in a dry run and in a send', async () => {
  const { json } = await createScene();
  const folder = await temporaryFolder();
  const file = join(folder, 'big.csv');
  await writeBigList(file, 200_000);
  const { reasons, ...counts } = await countBigList(file);
  expect(counts).toMatchObject({ rows: 200_000, invalid: 6000, duplicate: 10_000 });
  const args = ['send', file, '--template', 'promo', '--params', 'name,code', '--json'];
  expect(await json(...args, '--dry-run')).toMatchObject({ ...counts, suppressed: 0, reasons });
  expect(await json(...args)).toMatchObject({ ...counts, suppressed: 0, released: true });
}, 120_000);
