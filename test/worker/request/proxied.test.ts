/** The sender on its way through a proxy: what is known of a request is known as without one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { classify } from '../../../src/worker/request/classify.ts';
import { Sender, type SenderOptions, type SendResult } from '../../../src/worker/request/sender.ts';
import {
  CERTIFICATE,
  type FarProxy,
  type FarProxyOptions,
  startFarProxy,
  startSecure,
} from '../../support/far-proxy.ts';
import { startRaw } from '../../support/raw-server.ts';

const BODY = JSON.stringify({ to: ['+6591234567'], template: { id: 'promo', params: {} } });
const always = () => true;
const REPLY_BODY = '{"plan_id":"1","total_count":1,"accepted_count":1}';
const REPLY = `HTTP/1.1 200 OK\r\nContent-Length: ${REPLY_BODY.length}\r\n\r\n${REPLY_BODY}`;

function openSender(baseUrl: string, more: Partial<SenderOptions> = {}): Sender {
  const login = { devKey: 'sandbox', devSecret: 'sandbox' };
  const sender = new Sender({
    ...{ baseUrl, ...login, concurrency: 2, requestTimeoutMs: 20_000, caFile: CERTIFICATE },
    ...more,
  });
  onTestFinished(() => sender.close());
  return sender;
}

/** A stand-in behind TLS, a proxy before it, and a sender that goes that way. */
async function openWay(options: FarProxyOptions = {}, more: Partial<SenderOptions> = {}) {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.stop());
  const proxy = await startFarProxy(options);
  const url = await startSecure(sandbox.url);
  const sender = openSender(url, { httpsProxy: proxy.url, ...more });
  return { sandbox, proxy, url, sender };
}

function outcomeOf(result: SendResult): string {
  if (result.kind === 'stopped') throw new Error('expected it to be sent');
  return classify(result, 1, new Map()).outcome;
}

test.for<[string, FarProxyOptions]>([
  ['http', {}],
  ['http, with a login', { login: 'ada:p%40ss' }],
  ['https', { isSecure: true }],
])('a request goes through a proxy: %s', async ([, options]) => {
  const { login } = options;
  const asked = login === undefined ? options : { ...options, login: decodeURIComponent(login) };
  const { sandbox, proxy, url, sender } = await openWay(asked, {});
  const own = login
    ? openSender(url, { httpsProxy: `http://${login}@localhost:${proxy.port}` })
    : sender;
  for (let nth = 0; nth < 3; nth++) {
    expect(await own.send(BODY, always)).toMatchObject({ kind: 'reply', status: 200 });
  }
  expect(new Set(proxy.asked)).toEqual(new Set([new URL(url).host]));
  expect(sandbox.stats().requests).toBe(3);
});

test('one to an http:// address is tunnelled too, and names its port', async () => {
  const url = await startRaw((socket) => socket.write(REPLY));
  const proxy = await startFarProxy();
  const sender = openSender(url, { httpProxy: proxy.url });
  expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
  expect(proxy.asked).toEqual([new URL(url).host]);
});

test('without a port in the address, the tunnel goes to that of its scheme', async () => {
  const proxy = await startFarProxy();
  proxy.answer = () => 502;
  for (const url of ['http://far.invalid', 'https://far.invalid', 'https://[::1]']) {
    await openSender(url, { httpProxy: proxy.url }).send(BODY, always);
  }
  expect(proxy.asked).toEqual(['far.invalid:80', 'far.invalid:443', '[::1]:443']);
});

describe('nothing was written, and everything says that it was the proxy', () => {
  test.for<[string, (proxy: FarProxy) => unknown, string]>([
    ['asks for a login', (proxy) => (proxy.answer = () => 407), 'HTTP 407 in place of a conn'],
    ['cannot reach it', (proxy) => (proxy.answer = () => 502), 'HTTP 502 in place of a conn'],
    ['hangs up', (proxy) => (proxy.answer = () => 'close'), 'does not let us through'],
    ['says nothing', (proxy) => (proxy.answer = () => 'silence'), 'within 300 ms'],
    ['is not there', (proxy) => proxy.kill(), 'ECONNREFUSED'],
    ['cuts the tunnel', (proxy) => (proxy.answer = () => 'cut'), 'but then TLS failed'],
  ])('a proxy that %s', async ([, spoil, words]) => {
    const { sandbox, proxy, url } = await openWay({ login: 'ada:geheim' });
    const sender = openSender(url, { httpsProxy: proxy.url, requestTimeoutMs: 300 });
    await spoil(proxy);
    const result = await sender.send(BODY, always);
    expect(result.kind).toBe('not_written');
    expect(outcomeOf(result)).toBe('retry');
    const told = JSON.stringify(result);
    expect(told).toContain(words);
    expect(told).toContain(`the proxy http://localhost:${proxy.port}: `);
    expect(told).not.toMatch(/ada|geheim|UND_ERR/);
    expect(sandbox.stats().requests).toBe(0);

    // It is over with the attempt: the next one finds it mended.
    proxy.answer = () => 'tunnel';
    if (!proxy.isUp) await proxy.listen();
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
  });

  test('a far end behind it whose certificate nobody vouches for', async () => {
    const { sandbox, proxy, url } = await openWay();
    const sender = openSender(url, { httpsProxy: proxy.url, caFile: undefined });
    const result = await sender.send(BODY, always);
    expect(result).toMatchObject({
      kind: 'not_written',
      error: expect.stringMatching(/TLS failed: self-signed certificate.*\(DEPTH_ZERO_SELF/),
    });
    expect(sandbox.stats().requests).toBe(0);
  });

  test('a far end behind it whose certificate is for another name', async () => {
    const { sandbox, proxy, url } = await openWay();
    // A name that only the proxy has to know.
    const other = url.replace('localhost', 'other.invalid');
    const result = await openSender(other, { httpsProxy: proxy.url }).send(BODY, always);
    expect(result).toMatchObject({
      kind: 'not_written',
      error: expect.stringMatching(/TLS failed: .*(ERR_TLS_CERT_ALTNAME_INVALID)/),
    });
    expect(sandbox.stats().requests).toBe(0);
  });

  test('a proxy that speaks TLS with a certificate nobody vouches for', async () => {
    const { proxy, url } = await openWay({ isSecure: true });
    const sender = openSender(url, { httpsProxy: proxy.url, caFile: undefined });
    const result = await sender.send(BODY, always);
    expect(result).toMatchObject({
      kind: 'not_written',
      error: expect.stringMatching(/does not let us through: self-signed certificate/),
    });
  });

  test('a request that may not be written any more, once the tunnel is there', async () => {
    const { sandbox, proxy, sender } = await openWay();
    expect(await sender.send(BODY, () => false)).toEqual({ kind: 'stopped' });
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
    expect([proxy.tunnels, sandbox.stats().requests]).toEqual([1, 1]);
  });
});

describe('once something was written, nothing is proved', () => {
  test('a tunnel that is cut before the reply', async () => {
    const proxy = await startFarProxy();
    const url = await startSecure(await startRaw(() => proxy.cut()));
    const result = await openSender(url, { httpsProxy: proxy.url }).send(BODY, always);
    expect(outcomeOf(result)).toBe('unconfirmed');
  });

  // A proxy that is killed closes its connections as EngageLab would.
  test.for(['http', 'https'])('one that ends within a reply without a length: %s', async (to) => {
    const proxy = await startFarProxy();
    const raw = await startRaw((socket) => {
      socket.write('HTTP/1.1 503 Unavailable\r\nContent-Type: text/html\r\n\r\n<html>half');
      void sleep(50).then(() => proxy.cut());
    });
    const url = to === 'https' ? await startSecure(raw) : raw;
    const result = await openSender(url, { httpProxy: proxy.url }).send(BODY, always);
    expect(result).toMatchObject({ kind: 'no_reply', status: 503 });
    expect(outcomeOf(result)).toBe('unconfirmed');
  });

  test('a complete 5xx came from EngageLab itself, and is believed', async () => {
    const proxy = await startFarProxy();
    const page = 'HTTP/1.1 503 Unavailable\r\nContent-Length: 2\r\n\r\nno';
    const url = await startSecure(await startRaw((socket) => socket.write(page)));
    const result = await openSender(url, { httpsProxy: proxy.url }).send(BODY, always);
    expect(outcomeOf(result)).toBe('retry');
  });
});
