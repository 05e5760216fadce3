/**
 * Nothing that Volley prints, but the audit, tells a number, a secret or a password: not its logs at their most
 * talkative, not its errors, and not the words that EngageLab puts numbers into.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { createScene, HEADER, startOwnRedis, startVolley, VOLLEY } from './scene.ts';

const DEV_KEY = 'devkey-7f3a9c';
const DEV_SECRET = 'geheim-e81b44';
const PASSWORD = 'redispass-d20c6f';
const FIRST = 6_591_234_500;
const ROWS = 120;

/** An EngageLab that quotes a number in whatever it refuses. What it refuses goes by the request's first number. */
async function startTalker(): Promise<string> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    const { to = [], template } = Object(JSON.parse(await text(request)));
    requests++;
    const { status, ...reply } = answer(String(to[0]), String(template?.id), requests);
    response.writeHead(status, { 'retry-after': '0' }).end(JSON.stringify(reply));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

function answer(to: string, template: string, request: number) {
  const bare = to.replace('+', '');
  if (template === 'refused') {
    return { status: 401, code: 2001, message: `authentication failed for ${to}, ${bare}` };
  }
  // What is kept of a long one ends in the middle of the number.
  if (template === 'outage') return { status: 502, message: `${'x'.repeat(182)} ${to}` };
  if (request === 30) return { status: 429, message: `too many for ${to}` };
  switch (Number(bare) % 30) {
    case 10:
      return { status: 400, code: 5001, message: `no route to ${bare}` };
    case 11:
      return { status: 500, code: 1000, message: `internal error at ${to}, ${bare}` };
    case 12:
      return { status: 502, message: `no gateway for ${to}` };
    case 13:
      return { status: 200, code: 0, message: `half of ${to}`, total_count: 1 };
    default:
      return { status: 200, plan_id: '1', total_count: 1, accepted_count: 1 };
  }
}

async function openScene() {
  const { env, keys } = await createScene();
  const { port, admin } = await startOwnRedis();
  await admin.config('SET', 'requirepass', PASSWORD);
  await admin.auth(PASSWORD);
  const own = {
    ...env,
    REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${port}`,
    ENGAGELAB_BASE_URL: await startTalker(),
    ENGAGELAB_DEV_KEY: DEV_KEY,
    ENGAGELAB_DEV_SECRET: DEV_SECRET,
    VOLLEY_ATTEMPTS: '2',
    VOLLEY_LOG_LEVEL: 'debug',
  };
  const printed: string[] = [];
  const volley = async (args: readonly string[], changes: NodeJS.ProcessEnv = {}) => {
    const ended = await run(VOLLEY, args, { env: { ...own, ...changes } });
    printed.push(ended.stdout, ended.stderr);
    return ended;
  };
  return { env: own, keys, admin, printed, volley };
}

const numbers = Array.from({ length: ROWS }, (_none, at) => String(FIRST + at));

function expectNothingTold(printed: string): void {
  const told = [...numbers, DEV_KEY, DEV_SECRET, PASSWORD].filter((each) => printed.includes(each));
  // Cut short it is still most of a number.
  const cut = printed.match(/.*\+659123.*/g) ?? [];
  const login = Buffer.from(`${DEV_KEY}:${DEV_SECRET}`).toString('base64');
  expect({ told, cut, login: printed.includes(login) }).toEqual({
    told: [],
    cut: [],
    login: false,
  });
}

test('a run with every kind of refusal tells no number, no secret and no password', async () => {
  const { env, keys, admin, printed, volley } = await openScene();
  const folder = await temporaryFolder();
  const rows = numbers.map((number, at) => `+${number},Name ${at}\n`).join('');
  const bad = `+${FIRST}999999,Bad\n+${FIRST + 1},\n+${FIRST + 2},a,b\n`;
  await writeAll(folder, { 'list.csv': HEADER + rows + bad });
  const options = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  const worker = startVolley(['worker'], env);
  await worker.says('worker started');

  const sent = await volley(['send', join(folder, 'list.csv'), ...options, '--wait']);
  expect(sent).toMatchObject({ code: 3, stderr: expect.stringContaining('bad_number') });
  const notified = numbers.slice(20, 24).map((number) => {
    const args = ['--to', number, '--template', 'otp', '--on-unconfirmed', 'park'];
    return volley(['notify', ...args, '--wait']);
  });
  for (const { code } of await Promise.all(notified)) expect([0, 3]).toContain(code);
  const looks = [
    ['status'],
    ['status', '--json'],
    ['status', 'spring'],
    ['status', 'notifications', '--json'],
    ['campaigns'],
    ['verify', 'spring'],
    ['doctor', '--json'],
  ];
  await Promise.all(looks.map((args) => volley(args)));

  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  const { stdout, stderr } = worker.output();
  expect(stderr).toContain('valve locked: throttled');
  expect(stderr).toContain('"level":20');
  expectNothingTold([...printed, stdout, stderr].join('\n'));

  // What is told of jobs and locks in Redis is printed by whatever looks at queues.
  const reasons: string[] = [];
  for (const id of ['spring', 'notifications']) {
    const own = keys.campaign(id);
    for (const job of await admin.zrange(own.job('failed'), '0', '-1')) {
      reasons.push(JSON.stringify(await admin.hmget(own.job(job), 'failedReason', 'stacktrace')));
    }
  }
  expect(reasons.length).toBeGreaterThan(3);
  const valve = JSON.stringify(await admin.hgetall(keys.fleet.valve));
  expectNothingTold([...reasons, valve].join('\n'));
  expect((await run(VOLLEY, ['audit', 'spring'], { env })).stdout).toContain(String(FIRST));
});

test('commands that fail tell no number, no secret and no password', async () => {
  const { env, printed, volley } = await openScene();
  const folder = await temporaryFolder();
  const rows = numbers.map((number, at) => `+${number},Name ${at}\n`).join('');
  await writeAll(folder, {
    'invalid.csv': `${HEADER}${rows}+${FIRST}999999,Bad\n`,
    'quote.csv': `${HEADER}+${FIRST},"x\n`,
    'headless.csv': rows,
  });
  const send = (file: string, ...more: string[]) =>
    volley(['send', join(folder, file), '--template', 'promo', '--params', 'name', ...more]);
  const { host } = new URL(env.REDIS_URL);
  const elsewhere = (url: string) => volley(['status'], { REDIS_URL: url });

  const wrong = await Promise.all([
    send('invalid.csv', '--max-invalid', '0'),
    send('quote.csv'),
    send('headless.csv'),
    volley(['notify', '--to', `${FIRST}999999`, '--template', 'otp']),
    volley(['notify', '--to', `+${FIRST}x`, '--template', 'otp']),
    volley(['status', 'nobody']),
    volley(['status'], { REDIS_URL: `http://:${PASSWORD}@x`, VOLLEY_RATE: '-1' }),
  ]);
  for (const { code, stderr } of wrong) expect(code, stderr).toBe(2);
  const away = await Promise.all([
    elsewhere(`redis://:${PASSWORD}@127.0.0.1:1`),
    elsewhere(`redis://:${PASSWORD}-not@${host}`),
  ]);
  for (const { code, stderr } of away) expect(code, stderr).toBe(1);
  expectNothingTold(printed.join('\n'));
});

test.for([
  ['refused', 'unauthorized', 'authentication failed for +65****45'],
  ['outage', 'outage', 'HTTP 502: xxx'],
] as const)(
  'a lock for %s is told without the numbers it came with',
  async ([template, reason, words]) => {
    const { env, keys, admin, volley, printed } = await openScene();
    const folder = await temporaryFolder();
    await writeAll(folder, { 'list.csv': `phone\n${numbers.slice(0, 25).join('\n')}\n` });
    const worker = startVolley(['worker'], { ...env, VOLLEY_ATTEMPTS: '9' });
    await worker.says('worker started');
    const args = ['--template', template, '--batch-size', '1', '--campaign', 'spring'];
    await volley(['send', join(folder, 'list.csv'), ...args]);
    await worker.says(`valve locked: ${reason}`);

    expect((await volley(['status'])).stdout).toContain(words);
    await volley(['status', '--json']);
    await volley(['status', 'spring']);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expectNothingTold([...printed, worker.output().stderr].join('\n'));
    expectNothingTold(JSON.stringify(await admin.hgetall(keys.fleet.valve)));
  },
);
