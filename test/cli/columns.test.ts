import { expect, test } from 'vitest';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { createScene, VOLLEY } from './scene.ts';

/** What was offered is pasted into a shell, as a person would. */
async function pasted(list: string, offered: RegExp) {
  const { env } = await createScene();
  const folder = await temporaryFolder();
  await writeAll(folder, { 'list.csv': list });
  const options = [
    'list.csv',
    '--template',
    'promo',
    '--dry-run',
    '--json',
    '--max-invalid',
    '50%',
  ];
  const refused = await run(VOLLEY, ['send', ...options], { env, cwd: folder });
  expect(refused.code).toBe(2);
  const [, words = 'none was offered'] = offered.exec(refused.stderr) ?? [];
  const command = `"$0" send ${options.join(' ')} ${words}`;
  const ended = await run('sh', ['-c', command, VOLLEY], { env, cwd: folder });
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(ended.stdout);
}

test('params that are offered can be pasted, whatever the columns are called', async () => {
  const list = `phone,"name, first","Mother's $HOME","5"" pipe"\n+6591234631,Ana,Bo,x\n`;
  const found = await pasted(list, /Add (--params .*?) \(or those to send\)/);
  expect(found).toMatchObject({
    recipients: 1,
    params: ['name, first', "Mother's $HOME", '5" pipe'],
  });
});

test('so can a header row', async () => {
  const found = await pasted(
    'Our customers, of today\n\nphone\n+6591234631\nbad\n+6591234632\n',
    / (--header-row \d+)$/m,
  );
  expect(found).toMatchObject({ rows: 3, recipients: 2, first_invalid: [{ line: 5 }] });
});
