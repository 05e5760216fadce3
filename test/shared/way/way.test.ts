import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/shared/config.ts';
import { configFrom } from '../../../src/shared/given-config.ts';
import { Way } from '../../../src/shared/way/way.ts';
import { createWorker } from '../../../src/worker/create-worker.ts';
import { temporaryFolder } from '../../support/programs.ts';

const PROXY = 'http://proxy.example:3128';

function wayOf(environment: NodeJS.ProcessEnv): Way {
  return new Way(loadConfig(environment), { timeoutMs: 1000 });
}

/** The proxy as it is shown, `excepted`, or `none`. */
function proxyOf(environment: NodeJS.ProcessEnv): string {
  const { proxy } = wayOf(environment);
  return typeof proxy === 'object' ? proxy.name : (proxy ?? 'none');
}

test.for<[string, NodeJS.ProcessEnv, string]>([
  ['no proxy', {}, 'none'],
  ['one for https', { HTTPS_PROXY: PROXY }, PROXY],
  ['one for http alone, which undici takes for https too', { HTTP_PROXY: PROXY }, PROXY],
  ['small letters', { https_proxy: PROXY }, PROXY],
  ['both, and the small ones come first', { https_proxy: PROXY, HTTPS_PROXY: 'http://x' }, PROXY],
  ['an empty small one is not set', { https_proxy: '', HTTPS_PROXY: PROXY }, PROXY],
  ['one without a scheme', { HTTPS_PROXY: 'proxy.example:3128' }, PROXY],
  ['one with a login', { HTTPS_PROXY: 'http://ada:geheim@proxy.example:3128' }, PROXY],
  ['an https one', { HTTPS_PROXY: 'https://proxy.example' }, 'https://proxy.example'],
])('%s', ([, environment, expected]) => {
  expect(proxyOf(environment)).toBe(expected);
});

test('that for https is none for an http:// address, at a loopback or elsewhere', () => {
  const local = { ENGAGELAB_BASE_URL: 'http://127.0.0.1:4010' };
  expect(proxyOf({ ...local, HTTPS_PROXY: PROXY })).toBe('none');
  // As with undici and curl: only NO_PROXY excepts.
  expect(proxyOf({ ...local, HTTP_PROXY: PROXY })).toBe(PROXY);
  expect(proxyOf({ ...local, HTTP_PROXY: PROXY, NO_PROXY: '127.0.0.1' })).toBe('excepted');
});

test.for([
  ['*', 'excepted'],
  ['smsapi.engagelab.com', 'excepted'],
  ['SMSAPI.engagelab.com', 'excepted'],
  ['engagelab.com', 'excepted'],
  ['.engagelab.com', 'excepted'],
  ['*.engagelab.com', 'excepted'],
  ['localhost, .example.com smsapi.engagelab.com:443', 'excepted'],
  ['smsapi.engagelab.com:8443', PROXY],
  ['lab.com', PROXY],
  ['*.smsapi.engagelab.com', PROXY],
  ['example.com', PROXY],
])('NO_PROXY=%s', ([rule = '', expected = '']) => {
  expect(proxyOf({ HTTPS_PROXY: PROXY, NO_PROXY: rule })).toBe(expected);
  expect(proxyOf({ HTTPS_PROXY: PROXY, no_proxy: rule })).toBe(expected);
});

test.for([
  'socks5://ada:geheim@proxy.example',
  'http://ada:geheim@',
  'http://ada:geh%eim@proxy.example',
])('a proxy that cannot be used is refused, unseen: %s', (url) => {
  const take = () => wayOf({ HTTPS_PROXY: url });
  expect(take).toThrow(expect.objectContaining({ name: 'VolleyError', code: 'bad_config' }));
  expect(take).toThrow(/^HTTPS_PROXY: expected http:.*not shown$/);
  // Nor does it stand in the way of whoever does not need it.
  expect(proxyOf({ HTTPS_PROXY: url, NO_PROXY: '*' })).toBe('excepted');
  expect(proxyOf({ HTTPS_PROXY: url, ENGAGELAB_BASE_URL: 'http://x.example' })).toBe('none');
});

test('a file of authorities that is none is refused, with its path and why', async () => {
  const dir = await temporaryFolder();
  const key = join(dir, 'key.pem');
  await writeFile(key, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
  const broken = join(dir, 'broken.pem');
  await writeFile(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  for (const [file, why] of [
    [join(dir, 'none.pem'), 'ENOENT'],
    [dir, 'EISDIR'],
    [key, 'no certificate is in it'],
    [broken, 'asn1|ASN1|too long|header'],
  ] as const) {
    const take = () => wayOf({ ENGAGELAB_CA_FILE: file });
    expect(take).toThrow(expect.objectContaining({ name: 'VolleyError', code: 'bad_config' }));
    expect(take).toThrow(
      new RegExp(`^ENGAGELAB_CA_FILE: .*got ${JSON.stringify(file)}: .*(${why})`),
    );
  }
});

test('a program gives them as options, and hears of them by these names', () => {
  const login = { devKey: 'key', devSecret: 'secret' };
  const make = (more: object) => () => createWorker({ ...login, ...more });
  expect(make({ caFile: '/nowhere/ca.pem' })).toThrow(/^caFile: .*"\/nowhere\/ca\.pem": ENOENT/);
  expect(make({ proxy: 'socks5://x' })).toThrow(/^proxy: expected http:/);
  const { httpProxy, noProxy } = configFrom({ proxy: PROXY, noProxy: '.example.com' });
  expect([httpProxy, noProxy]).toEqual([PROXY, '.example.com']);
});
