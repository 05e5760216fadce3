/** The way to EngageLab, as `volley doctor` tells it; what is between here and there is in the way of a worker, too. */
import { expect, test } from 'vitest';
import { CERTIFICATE, startFarProxy, startSecure } from '../support/far-proxy.ts';
import { run } from '../support/programs.ts';
import { startRaw } from '../support/raw-server.ts';
import { createScene, VOLLEY } from './scene.ts';

interface Check {
  check: string;
  status: string;
  detail: string;
  mend: string | null;
}

/** A stand-in behind TLS, a proxy that wants a login, and the doctor. */
async function openWay() {
  const { env, sandbox } = await createScene();
  const proxy = await startFarProxy({ login: 'ada:geheim' });
  const url = await startSecure(sandbox.url);
  const examine = async (changes: NodeJS.ProcessEnv = {}) => {
    const way = { ENGAGELAB_BASE_URL: url, ENGAGELAB_CA_FILE: CERTIFICATE, HTTPS_PROXY: proxy.url };
    const ended = await run(VOLLEY, ['doctor', '--json'], { env: { ...env, ...way, ...changes } });
    expect(ended.stdout + ended.stderr).not.toMatch(/ada|geheim/);
    if (ended.stdout === '') return { ...ended, checks: [] };
    const checks: Check[] = JSON.parse(ended.stdout).checks;
    return {
      ...ended,
      checks: checks.slice(checks.findIndex(({ check }) => check === 'proxy')),
    };
  };
  return { sandbox, proxy, url, examine };
}

const has = (words: string) => expect.stringContaining(words);

test('each step through a proxy, and EngageLab at its end', async () => {
  const { sandbox, proxy, url, examine } = await openWay();
  const { checks } = await examine();
  const fine = { status: 'ok', mend: null };
  expect(checks).toEqual([
    { ...fine, check: 'proxy', detail: `http://localhost:${proxy.port} (HTTPS_PROXY)` },
    { ...fine, check: 'name', detail: has('localhost is ') },
    { ...fine, check: 'engagelab', detail: has(`${url}, connected to `) },
    {
      ...fine,
      check: 'tls',
      detail: expect.stringMatching(
        /^TLSv1\.3, certificate of CN=volley test, issued by CN=volley test, valid until 2126-/,
      ),
    },
    { ...fine, check: 'credentials', detail: `${url} takes them` },
    { ...fine, check: 'clock of EngageLab', detail: 'agrees with this machine' },
  ]);
  expect(checks[2]?.detail).toMatch(new RegExp(`:${proxy.port}$`));
  expect(proxy.asked).toEqual([new URL(url).host]);
  expect(sandbox.stats()).toMatchObject({ requests: 1, texts: 0 });

  const { checks: past } = await examine({ no_proxy: 'localhost' });
  expect(past[0]).toMatchObject({
    check: 'proxy',
    status: 'ok',
    detail: has('NO_PROXY has localhost'),
  });
  expect(past[2]?.detail).toMatch(new RegExp(`:${new URL(url).port}$`));
  expect(proxy.asked).toHaveLength(1);
});

test('the step that fails, and how to mend it', async () => {
  const { sandbox, proxy, url, examine } = await openWay();
  const failing = async (changes: NodeJS.ProcessEnv) => {
    const { code, checks } = await examine(changes);
    expect(code).toBe(1);
    const failed = checks.filter(({ status }) => status === 'failed');
    expect(failed).toHaveLength(1);
    return failed[0];
  };
  const plain = { ENGAGELAB_BASE_URL: sandbox.url.replace('http:', 'https:'), HTTPS_PROXY: '' };
  const other = { ENGAGELAB_BASE_URL: url.replace('localhost', '127.0.0.2'), HTTPS_PROXY: '' };
  const [wrong, unknown, direct, noTls, noName, noFile, foreign] = await Promise.all([
    failing({ HTTPS_PROXY: `http://ada@localhost:${proxy.port}` }),
    failing({ ENGAGELAB_CA_FILE: '' }),
    // Nor does it matter that there is no proxy.
    failing({ ENGAGELAB_CA_FILE: '', HTTPS_PROXY: '' }),
    failing(plain),
    failing({ HTTPS_PROXY: 'http://ada:geheim@proxy.invalid' }),
    examine({ ENGAGELAB_CA_FILE: '/nowhere/ca.pem' }),
    examine(other),
  ]);
  expect(wrong).toMatchObject({
    check: 'proxy',
    detail: has('HTTP 407 in place of a connection: it wants a user and password'),
    mend: has('Mend HTTPS_PROXY'),
  });
  expect(unknown).toMatchObject({
    check: 'tls',
    detail: expect.stringMatching(/self-signed certificate.*issued by CN=volley test/),
    mend: has('ENGAGELAB_CA_FILE'),
  });
  expect(direct).toMatchObject({ check: 'tls', mend: has('ENGAGELAB_CA_FILE') });
  expect(noTls).toMatchObject({ check: 'tls', mend: has('speaks no TLS') });
  expect(foreign.checks.at(-1)).toMatchObject({ status: 'failed' });
  expect(noName).toMatchObject({
    check: 'name',
    detail: has('proxy.invalid: '),
  });
  expect(sandbox.stats().requests).toBe(0);

  expect(noFile.code).toBe(2);
  expect(noFile.stderr).toMatch(/ENGAGELAB_CA_FILE: .*"\/nowhere\/ca\.pem": ENOENT/);
});

test('a far end that takes the connection and answers nothing', async () => {
  const { examine } = await openWay();
  const url = await startRaw((socket) => socket.destroy());
  const { checks } = await examine({ ENGAGELAB_BASE_URL: url });
  expect(checks.map(({ check, status }) => [check, status])).toEqual([
    ['proxy', 'ok'],
    ['engagelab', 'failed'],
  ]);
});
