// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
/**
 * With what a command that changes something ends where its output cannot be written, or an argument is wrong: 1 and 2
 * say that nothing was done, and 0 that all of it was, and told. Those that only print: test/cli/process/ending.test.ts.
 */
import { spawn } from 'node:child_process';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SuppressionList } from '../../src/shared/fleet/suppression.ts';
import { temporaryFolder, writeAll } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import {
  createScene,
  fileWith,
  HEADER,
  listOf,
  patiently,
  runInto,
  type Scene,
  VOLLEY,
} from './scene.ts';

/** A scene with a campaign that is finished, one that is not, and two numbers on the opt-out list. */
async function sceneWithCampaigns(): Promise<Scene> {
  const scene = await createScene({ bad_numbers: ['+6590000001'] });
  const params = ['--template', 'promo', '--params', 'name', '--yes'];
  const done = await fileWith(HEADER + listOf(3));
  const later = await fileWith(HEADER + listOf(3, 100));
  const worker = await scene.startWorker();
  const args = ['send', done, ...params, '--campaign', 'done', '--wait', '--json'];
  expect(await scene.volley(...args)).toMatchObject({ code: 3 });
  worker.child.kill('SIGTERM');
  await worker.ended;
  await scene.json('send', later, ...params, '--campaign', 'later', '--json');
  await scene.json('suppress', 'add', '+6591110001', '+6591110002', '--json');
  return scene;
}

describe('a command that only prints', () => {
  test('keeps its exit code where nobody reads it', async () => {
    const scene = await sceneWithCampaigns();
    await connect().hincrby(scene.keys.campaign('done').counts, 'accepted', 1);
    const verify = await runInto(scene, ['verify', 'done'], { stdout: 'closed' });
    expect(verify).toMatchObject({ code: 1, stderr: '' });
    const dry = ['send', '--dry-run', '--template', 'promo', '--params', 'name'];
    const bad = await fileWith(`${HEADER}0,Ada\n0,Bob\n`);
    for (const stdout of ['full', 'closed'] as const) {
      const { code, stderr } = await runInto(scene, [...dry, bad, '--json'], { stdout });
      expect([code, stderr]).toEqual([2, expect.stringContaining('2 of 2 rows are invalid')]);
    }
  });
});

describe('a command that changes something', () => {
  /** What there is to change, what is called, and how it shows that it was done. */
  const DEEDS: [string[], string, (scene: Scene) => Promise<unknown>, unknown][] = [
    [['pause', 'later'], 'later is paused', stateOf('later'), 'paused'],
    [['resume', 'later'], 'later is not paused any more', stateOf('later'), 'sending'],
    [['rate', '80', '--json'], 'the limits are set', rateOf, 80],
    [['rate', '--reset'], 'the limits are set', rateOf, 5000],
    [['hold'], 'the fleet is held', locksOf, 1],
    [['release', '--json'], 'the valve was released', locksOf, 0],
    [['suppress', 'add', '+6591110003'], 'the numbers are on the list', numbersOf, 3],
    [['suppress', 'remove', '+6591110003'], 'the numbers are not on the list', numbersOf, 2],
    [['cancel', 'later', '--json'], 'later is cancelled', stateOf('later'), 'cancelled'],
    [['replay', 'done', '--code', '3003', '--json'], 'replayed', pendingOf('done'), 1],
    [
      ['notify', '--to', '+6591234567', '--template', 'otp'],
      'enqueued',
      pendingOf('notifications'),
      1,
    ],
    [['cancel', 'done'], 'done is cancelled', stateOf('done'), 'cancelled'],
  ];

  test.each(['full', 'closed'] as const)(
    'ends with 0 after it, and says what went wrong: standard output is %s',
    // Two processes a deed, one after the other.
    { timeout: 240_000 },
    async (stdout) => {
      const scene = await sceneWithCampaigns();
      const why = stdout === 'full' ? 'ENOSPC' : 'whoever read it has gone';
      // Those in pairs undo each other; a closed pipe is tried with half of them.
      const deeds = stdout === 'full' ? DEEDS : DEEDS.slice(0, 5);
      for (const [args, words, look, expected] of deeds) {
        const { code, stderr } = await runInto(scene, args, { stdout });
        const about = args.join(' ');
        expect([code, await look(scene)], `${about}: ${stderr}`).toEqual([0, expected]);
        expect(stderr, about).toContain(
          `volley: standard output: not all could be written: ${why}`,
        );
        expect(stderr, about).toMatch(
          new RegExp(`^volley: before that, it was done: .*${words}`, 'm'),
        );
      }
    },
  );

  test('so does forget, of a campaign that is finished', async () => {
    const scene = await sceneWithCampaigns();
    const { code, stderr } = await runInto(scene, ['forget', 'done'], { stdout: 'full' });
    expect([code, stderr]).toEqual([0, expect.stringContaining('not all could be written')]);
    expect(stderr).toMatch(/^volley: before that, it was done: .*done is forgotten/m);
  });

  test.each(['full', 'closed'] as const)('does it though standard error is %s', async (stderr) => {
    const scene = await createScene();
    const list = await fileWith(`${HEADER}${listOf(20)}0,Bad\n`);
    const args = [
      list,
      '--template',
      'promo',
      '--params',
      'name',
      '--campaign',
      'spring',
      '--json',
    ];
    const sent = await runInto(scene, ['send', ...args], { stderr });
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining('"released":true') });
    const numbers = await fileWith('phone\n+6591234567\n0\n');
    const imported = await runInto(scene, ['suppress', 'import', numbers, '--json'], { stderr });
    expect(imported).toMatchObject({ code: 3, stdout: expect.stringContaining('"added":1') });
  });

  test('a replay whose plan cannot be shown is not begun', async () => {
    const scene = await sceneWithCampaigns();
    const args = ['replay', 'done', '--code', '3003'];
    const { code, stderr } = await runInto(scene, args, { stdout: 'full' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('ENOSPC')]);
    expect(await pendingOf('done')(scene)).toBe(0);
    expect(await runInto(scene, args, { stdout: 'closed' })).toMatchObject({ code: 0 });
    expect(await pendingOf('done')(scene)).toBe(1);
  });

  test('a worker sends though its log is on a full disk', async () => {
    const scene = await createScene();
    const list = await fileWith(HEADER + listOf(20));
    const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring', '--json'];
    await scene.json('send', list, ...args);
    const worker = spawn('/bin/sh', ['-c', 'exec "$0" worker 2>/dev/full', VOLLEY], {
      env: scene.env,
      stdio: 'ignore',
    });
    onTestFinished(() => void worker.kill('SIGKILL'));
    const ended = new Promise((resolve) => worker.on('close', resolve));
    try {
      await expect.poll(() => scene.sandbox.stats().texts, patiently).toBe(20);
    } finally {
      worker.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  });
});

describe('volley send', () => {
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  let folder: string;

  async function listWith(bad: number): Promise<string> {
    folder = await temporaryFolder();
    const rows = Array.from({ length: bad }, (_none, at) => `0,${'x'.repeat(1000)}${at}\n`);
    await writeAll(folder, { 'list.csv': HEADER + listOf(2000) + rows.join('') });
    await symlink('/dev/full', join(folder, 'bad.csv.gz'));
    return join(folder, 'list.csv');
  }

  test.each([
    ['with none to write', '/dev/full', 0],
    ['at its last piece', '/dev/full', 1],
    ['midway', '/dev/full', 200],
    ['as gzip', 'bad.csv.gz', 1],
    ['midway, as gzip', 'bad.csv.gz', 200],
  ])('releases nothing where the rejects cannot be written: %s', async (_case, path, bad) => {
    const { volley, keys, json } = await createScene();
    const list = await listWith(bad);
    const rejects = path.startsWith('/') ? path : join(folder, path);
    const { code, stdout, stderr } = await volley('send', list, ...args, '--rejects', rejects);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`volley: --rejects ${rejects}: not all could be written: ENOSPC`);
    expect(await connect().keys(`${keys.prefix}*`)).toEqual([]);
    const again = join(folder, 'again.csv');
    const sent = await json('send', list, ...args, '--rejects', again, '--json');
    expect(sent).toMatchObject({ released: true, invalid: bad });
    expect((await readFile(again, 'utf8')).split('\r\n')).toHaveLength(bad + 2);
  });

  test('says why a list is refused though its rejects cannot be written', async () => {
    const { volley } = await createScene();
    const list = await fileWith(`${HEADER}0,Ada\n`);
    const { code, stderr } = await volley('send', list, ...args, '--rejects', '/dev/full');
    expect([code, stderr]).toEqual([2, expect.stringContaining('1 of 1 rows are invalid')]);
    expect(stderr).toContain('warning: --rejects /dev/full: not all could be written: ENOSPC');
  });

  test.each([
    ['full', []],
    ['full', ['--json']],
    ['closed', []],
  ] as const)('ends with 0 once it released, standard output is %s %j', async (stdout, more) => {
    const scene = await createScene();
    const list = await fileWith(HEADER + listOf(20));
    const { code, stderr } = await runInto(scene, ['send', list, ...args, ...more], { stdout });
    expect([code, stderr]).toEqual([0, expect.stringContaining('standard output: not all could')]);
    expect(stderr).toContain('it was done: campaign spring is enqueued');
    // What there was to say on standard error is not lost with it.
    expect(stderr).toContain('no worker is running');
    expect(await pendingOf('spring')(scene)).toBe(20);
  });

  test('waits to the end though nobody reads its output', async () => {
    const scene = await createScene({ bad_numbers: ['+6590000001'] });
    await scene.startWorker();
    const list = await fileWith(HEADER + listOf(20));
    const command = ['send', list, ...args, '--wait'];
    expect(await runInto(scene, command, { stdout: 'closed' })).toMatchObject({ code: 3 });
    expect(await stateOf('spring')(scene)).toBe('finished');
  });
});

describe('volley audit --out', () => {
  test('exits 1 where the file cannot be written, and ends quietly where nobody reads it', async () => {
    const scene = await sceneWithCampaigns();
    const folder = await temporaryFolder();
    const gzip = join(folder, 'audit.csv.gz');
    await symlink('/dev/full', gzip);
    for (const path of ['/dev/full', gzip]) {
      const { code, stderr } = await scene.volley('audit', 'done', '--out', path);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^volley: --out .*ENOSPC.*\n$/)]);
    }
    const out = ['audit', 'done', '--out'];
    const closed = await runInto(scene, [...out, '/dev/stdout'], { stdout: 'closed' });
    expect(closed).toMatchObject({ stderr: expect.not.stringContaining('bug') });
    const file = join(folder, 'audit.ndjson');
    expect(await runInto(scene, [...out, file], { stdout: 'full' })).toMatchObject({ code: 0 });
    expect(await runInto(scene, [...out, file], { stderr: 'full' })).toMatchObject({ code: 0 });
    expect((await readdir(folder)).sort()).toEqual(['audit.csv.gz', 'audit.ndjson']);
  });
});

describe('volley suppress import', () => {
  const NUMBERS = 'phone\n+6591234567\n0\n+6598765432\n';

  test('exits 3 with rows that cannot be read, and says so where they cannot be written', async () => {
    const { volley, json } = await createScene();
    const list = await fileWith(NUMBERS);
    const command = ['suppress', 'import', list, '--json', '--rejects', '/dev/full'];
    const { code, stdout, stderr } = await volley(...command);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 3, invalid: 1, added: 2, count: 2 });
    expect([code, stderr]).toEqual([3, expect.stringContaining('line 3: ')]);
    expect(stderr).toContain('volley: --rejects /dev/full: not all could be written: ENOSPC');
    expect(await volley('suppress', 'import', list)).toMatchObject({ code: 3 });
    expect(await json('suppress', 'count', '--json')).toEqual({ count: 2 });
  });

  test.each(['full', 'closed'] as const)(
    'keeps its exit code once it did it: standard output is %s',
    async (stdout) => {
      const scene = await createScene();
      for (const [rows, code] of [
        [NUMBERS, 3],
        ['phone\n+6591234567\n', 0],
      ] as const) {
        const args = ['suppress', 'import', await fileWith(rows)];
        const ended = await runInto(scene, args, { stdout });
        expect(ended.code, ended.stderr).toBe(code);
        expect(ended.stderr).toContain('before that, it was done: the numbers are on the list');
      }
      expect(await numbersOf(scene)).toBe(2);
    },
  );

  test('exits 3 for a list that turns out bad when numbers of it are on the list', async () => {
    const { volley, keys } = await createScene();
    const whole = gzipSync(`phone,name\n${listOf(100_000)}`);
    const list = await fileWith(whole.subarray(0, -100), 'list.csv.gz');
    const { code, stderr } = await volley('suppress', 'import', list);
    const on = new SuppressionList(connect(), keys.suppression);
    expect(await on.find(['+6590000000'])).toEqual([true]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('gzip')]);
    expect(stderr).toMatch(/it was done: of the first [\d,]+ rows the numbers are on the list/);
  });
});

describe('wrong arguments', () => {
  const WRONG: string[][] = [
    ['suppress', 'add', '+6591234567', 'nonsense'],
    ['suppress', 'remove', '+6591110001', 'nonsense'],
    ['suppress', 'add', '+6591234567', '--country', 'XX'],
    ['suppress', 'count', 'extra'],
    ['pause', 'later', 'done'],
    ['pause', 'none'],
    ['pause', 'notifications'],
    ['pause', 'done'],
    ['resume', 'notifications'],
    ['resume', 'none'],
    ['cancel', 'notifications', '--yes'],
    ['cancel', 'later', '--yes', '--no-such'],
    ['forget', 'notifications', '--yes'],
    ['forget', 'later', '--yes'],
    ['rate', '80', '--recipients', 'x'],
    ['rate', '80', '81'],
    ['rate', '80', '--reset'],
    ['hold', 'extra'],
    ['release', '--reason', 'nothing'],
    ['replay', 'done', '--param', 'name'],
    ['replay', 'done', '--param', 'name=A', '--param', 'name=B'],
    ['replay', 'done', '--code', '3003', '--template', ''],
    ['replay', 'done', '--code', '3003', '--not-after', '2020-01-01T00:00:00Z'],
    ['replay', 'done', 'later'],
    ['replay', 'none'],
    ['audit', 'done', '--out', '/no/such/folder/audit.csv'],
    ['audit', 'done', '--to', 'nonsense'],
    ['notify', '--to', '+6591234567', '--template', ''],
    ['notify', '--to', '+6591234567', '--template', 'otp', 'extra'],
  ];

  test('are refused before anything is done', async () => {
    const scene = await sceneWithCampaigns();
    // As a dashboard leaves a queue that somebody paused there.
    await connect().hset(scene.keys.campaign('none').job('meta'), 'paused', '1');
    const before = await allOf(scene);
    for (const args of WRONG) {
      const { code, stdout, stderr } = await scene.volley(...args);
      expect([code, stdout], `${args.join(' ')}: ${stderr}`).toEqual([2, '']);
      expect(stderr, args.join(' ')).toMatch(/^volley: /);
      expect(await allOf(scene), args.join(' ')).toEqual(before);
    }
  });
});

/** Every key of the scene that does not pass by itself, with what is in it. */
async function allOf({ keys }: Scene): Promise<Record<string, string>> {
  const redis = connect();
  const all: Record<string, string> = {};
  for (const key of (await redis.keys(`${keys.prefix}*`)).sort()) {
    // Or is gone by now.
    if ((await redis.pttl(key)) !== -1) continue;
    all[key] = (await redis.dumpBuffer(key))?.toString('base64') ?? '';
  }
  return all;
}

function stateOf(id: string) {
  return async ({ json }: Scene) => (await json('status', id, '--json'))['state'];
}

function pendingOf(id: string) {
  return async ({ json }: Scene) => (await json('status', id, '--json'))['pending'];
}

async function rateOf({ json }: Scene): Promise<unknown> {
  return (await json('rate', '--json'))['rate'];
}

async function locksOf({ json }: Scene): Promise<unknown> {
  const { valve } = await json('status', '--json');
  return Array.isArray(valve) ? valve.length : valve;
}

async function numbersOf({ json }: Scene): Promise<unknown> {
  return (await json('suppress', 'count', '--json'))['count'];
}
