/** What the command says of blank rows, of words for nothing and of fallbacks. */
import { expect, test } from 'vitest';
import { connect } from '../support/redis.ts';
import { createScene, fileWith } from './scene.ts';

const LIST = [
  'phone,name,code',
  ...['+6591234561,Ana,1,', ',,', '+6591234562,null,2', '+6591234563,,3', '+6591234564, Bo ,4,,'],
  ...['', '+6591234561,NULL,', '"",\u00a0,'],
].join('\r\n');
const ARGS = ['--template', 'promo', '--params', 'name,code', '--fallback', 'name=there'];
const MORE = [...ARGS, '--fallback', 'code=0'];

test('shows them in the dry run, and has them in its JSON', async () => {
  const { json, volley } = await createScene();
  const file = await fileWith(LIST);
  const { code, stdout } = await volley('send', file, ...MORE, '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}rows +5$/m);
  expect(stdout).toMatch(/^ {2}and 3 blank lines, empty in every cell: no row, and not counted$/m);
  const word = 'in 2 rows the value of a param is null, which would be sent as it stands';
  expect(stdout).toContain(`  ${word}\n  in 2 rows a fallback stands for an empty value\n`);
  expect(await json('send', file, ...MORE, '--dry-run', '--json')).toMatchObject({
    ...{ rows: 5, invalid: 0, duplicate: 1, recipients: 4, blank: 3 },
    ...{ placeholders: { null: 2 }, fallbacks: 2 },
  });
  const plain = await fileWith('phone\n+6591234561\n');
  const bare = await json('send', plain, '--template', 'promo', '--dry-run', '--json');
  expect(bare).toMatchObject({ blank: 0, placeholders: {}, fallbacks: 0 });
  expect((await volley('send', plain, '--template', 'promo', '--dry-run')).stdout).not.toContain(
    'blank',
  );
});

test('shows them after a send, and when the same command is run again', async () => {
  const { json, keys, volley } = await createScene();
  const file = await fileWith(LIST);
  const args = ['send', file, ...MORE, '--campaign', 'odd'];
  const { stdout } = await volley(...args);
  expect(stdout).toContain('  and 3 blank lines, empty in every cell');
  const before = { rows: 5, duplicate: 1, recipients: 4, blank: 3, released: false };
  expect(await json(...args, '--json')).toMatchObject(before);
  // Released by a Volley that did not count them.
  await connect().hdel(keys.campaign('odd').campaign, 'blank');
  expect(await json(...args, '--json')).toMatchObject({ ...before, blank: null });
});

test('takes another fallback for another campaign, and none for the one of old', async () => {
  const { json } = await createScene();
  const file = await fileWith('phone,name\n+6591234561,Ana\n');
  const args = ['send', file, '--template', 'promo', '--params', 'name', '--dry-run', '--json'];
  const ids = new Set<unknown>();
  for (const more of [[], ['--fallback', 'name=there'], ['--fallback', 'name=you']]) {
    ids.add((await json(...args, ...more))['campaign']);
  }
  expect(ids.size).toBe(3);
});

test('refuses a fallback of what is no param', async () => {
  const { volley } = await createScene();
  const file = await fileWith(LIST);
  const args = ['send', file, ...ARGS, '--fallback', 'nme=x'];
  const message = `expected a param of the list's rows, got "nme"; they have "name", "code"`;
  for (const command of [args, [...args, '--dry-run']]) {
    expect(await volley(...command)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  }
});
