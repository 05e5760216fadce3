import { expect, test } from 'vitest';
import { connect } from '../support/redis.ts';
import { createScene, fileWith, HEADER, listOf, patiently } from './scene.ts';

const ARGS = ['--template', 'promo', '--params', 'name'];
const REFUSED = {
  code: 2,
  stdout: '',
  stderr: expect.stringContaining(
    '20 of its 20 recipients are to be texted this message by campaign first, sent 1 min ago; --again',
  ),
};

test('refuses the same people and template under another id, unless --again', async () => {
  const { json, volley } = await createScene();
  const file = await fileWith(HEADER + listOf(20));
  const copy = await fileWith(HEADER + listOf(20), 'copy.csv');
  await json('send', file, ...ARGS, '--campaign', 'first', '--json');
  expect(await volley('send', copy, ...ARGS, '--campaign', 'second')).toMatchObject(REFUSED);
  await json(
    'send',
    file,
    '--template',
    'other',
    '--params',
    'name',
    '--campaign',
    'third',
    '--json',
  );
  const longer = await fileWith(HEADER + listOf(21).replaceAll('\n', '\r\n'));
  expect(await volley('send', longer, ...ARGS, '--campaign', 'fourth')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('20 of its 21 recipients are to be texted'),
  });
  const others = await fileWith(HEADER + listOf(20, 100));
  await json('send', others, ...ARGS, '--campaign', 'fourth', '--json');
  const again = await json('send', copy, ...ARGS, '--campaign', 'second', '--again', '--json');
  expect(again).toMatchObject({ campaign: 'second', released: true });
});

test('refuses it on standard input, too, and leaves nothing of it', async () => {
  const { keys, json, start } = await createScene();
  await json('send', await fileWith(HEADER + listOf(20)), ...ARGS, '--campaign', 'first', '--json');
  const piped = start('send', '-', ...ARGS, '--campaign', 'second');
  piped.child.stdin?.end(HEADER + listOf(20));
  expect(await piped.ended).toBe(2);
  expect(piped.output()).toMatchObject({ stderr: REFUSED.stderr });
  expect(await connect().keys(`${keys.prefix}*second*`)).toEqual([]);
});

test('releases one of two that race with the same list', async () => {
  const { start } = await createScene();
  const sends = ['first', 'second'].map((id) => start('send', '-', ...ARGS, '--campaign', id));
  for (const { child } of sends) child.stdin?.end(HEADER + listOf(3000));
  expect((await Promise.all(sends.map(({ ended }) => ended))).sort()).toEqual([0, 2]);
});

test('a send that was refused, stopped or killed blocks nobody', async () => {
  const { keys, json, start, volley } = await createScene();
  const list = HEADER + listOf(20);
  const file = await fileWith(list);
  const bad = [...ARGS, '--campaign', 'refused', '--template-text', '{{x}}'];
  expect((await volley('send', file, ...bad)).code).toBe(2);
  const killed = start('send', '-', ...ARGS, '--campaign', 'killed');
  killed.child.stdin?.write(list);
  const redis = connect();
  await expect.poll(() => redis.exists(keys.campaign('killed').lease), patiently).toBe(1);
  killed.child.kill('SIGKILL');
  await killed.ended;
  await redis.del(keys.campaign('killed').lease);
  const next = await json('send', file, ...ARGS, '--campaign', 'next', '--json');
  expect(next).toMatchObject({ released: true });
});

test('leaves out the numbers of another list, and reports its bad rows as its own', async () => {
  const { json, volley } = await createScene();
  const old = await fileWith(
    `mobile;since\n+65 9000 0001;2020\nbad;2021\n6590000003;2022\n`,
    'old.csv',
  );
  const file = await fileWith(HEADER + listOf(5));
  const args = ['send', file, ...ARGS, '--exclude', old];
  expect(await json(...args, '--dry-run', '--json')).toMatchObject({
    rows: 5,
    suppressed: 2,
    excluded: 2,
    recipients: 3,
    invalid: 0,
    exclude: { rows: 3, invalid: 1, numbers: 2 },
  });
  const sent = await volley(...args, '--json');
  expect(sent.stderr).toContain('1 row of 3 without a usable number\n  line 3: ');
  const result = JSON.parse(sent.stdout);
  expect(result).toMatchObject({ rows: 5, suppressed: 2, recipients: 3, released: true });
  // Another list to leave out is another campaign.
  const none = await fileWith('phone\n', 'none.csv');
  const other = await json('send', file, ...ARGS, '--exclude', none, '--again', '--json');
  expect(other['campaign']).not.toBe(result['campaign']);
});

test('a list with a few that were texted goes out, and that is told: before, in the question, and as JSON', async () => {
  const { json, volley } = await createScene();
  const few = await fileWith(HEADER + listOf(5), 'few.csv');
  await json('send', few, ...ARGS, '--campaign', 'few', '--json');
  const file = await fileWith(HEADER + listOf(1000));
  const args = ['send', file, ...ARGS, '--campaign', 'all'];
  const words =
    '5 of its 1,000 recipients are to be texted this message by campaign few, sent 1 min ago';
  const dry = await volley(...args, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining(`sent before  ${words}`) });
  const { sent_before } = await json(...args, '--dry-run', '--json');
  const found = { campaign: 'few', texted: 0, pending: 5, of: 1000, certainty: 'exact' };
  expect(sent_before).toEqual([{ ...found, at: expect.any(Number) }]);
  const sent = await volley(...args, '--json');
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining(`warning: ${words}`) });
  const rest = await volley('send', few, ...ARGS, '--campaign', 'rest', '--dry-run', '--json');
  expect(JSON.parse(rest.stdout)).toMatchObject({
    problem: expect.stringContaining('5 of its 5 recipients'),
    sent_before: [{ pending: 5, of: 5 }],
  });
  const again = await json(...args.slice(0, -1), 'again', '--again', '--dry-run', '--json');
  expect(again['sent_before']).toBeNull();
});
