import { describe, expect, test } from 'vitest';
import { FAULTS, faultNamed } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { basic, order, post, raw } from './client.ts';

const SENT = 3;
const NOW = Date.UTC(2030, 0, 1);

/** A failure as documented, whatever its `plan_id`. */
function failed(code: number, accepted = 0) {
  const message = expect.any(String);
  return {
    plan_id: expect.any(String),
    total_count: SENT,
    accepted_count: accepted,
    message,
    code,
  };
}

function accepted(count: number, more = {}) {
  return { plan_id: expect.any(String), total_count: SENT, accepted_count: count, ...more };
}

/** Name, HTTP status, body (an object is JSON), how many of three are texted, headers. */
const REPLIES: [string, number, unknown, number, Record<string, string>?][] = [
  ['ok', 200, accepted(3), 3],
  ['1000', 500, failed(1000), 0],
  ['2001', 401, failed(2001), 0],
  ['2002', 401, failed(2002), 0],
  ['2004', 403, failed(2004), 0],
  ['3001', 400, failed(3001), 0],
  ['3002', 400, failed(3002), 0],
  ['3003', 400, failed(3003), 0],
  ['3004', 400, failed(3004), 0],
  ['4001', 400, failed(4001), 0],
  ['5001', 400, failed(5001), 0],
  ['9999', 500, failed(9999), 0],
  ['1000-accepted', 500, failed(1000, 1), 1],
  ['1000-ok', 200, failed(1000), 0],
  ['3003-accepted', 400, failed(3003, 1), 1],
  ['code-1', 200, failed(1), 0],
  ['code-1-accepted', 200, failed(1, 3), 3],
  ['code-0', 200, accepted(3, { code: 0 }), 3],
  ['302', 302, '', 0, { location: 'https://elsewhere.example/' }],
  ['400', 400, '<html>400</html>', 0, { 'content-type': 'text/html' }],
  ['404', 404, '<html><body>404 Not Found</body></html>', 0, { 'content-type': 'text/html' }],
  ['405', 405, '', 0],
  ['407', 407, '<html>407 Proxy Authentication Required</html>', 0],
  ['408', 408, '', 0],
  ['429', 429, '', 0],
  ['429-7', 429, '', 0, { 'retry-after': '7' }],
  ['429-date', 429, '', 0, { 'retry-after': 'Tue, 01 Jan 2030 00:00:02 GMT' }],
  ['429-absurd', 429, '', 0, { 'retry-after': '999999999999' }],
  ['500', 500, '', 0],
  ['502', 502, '<html><body>502 Bad Gateway</body></html>', 0, { 'content-type': 'text/html' }],
  ['503', 503, '', 0],
  ['504', 504, '<html>504</html>', 0],
  ['partial', 200, accepted(2), 2],
  ['none-accepted', 200, accepted(0), 0],
  ['over-accepted', 200, accepted(4, { total_count: 4 }), 3],
  ['wrong-types', 200, { ...accepted(0), total_count: '3', accepted_count: 'all' }, 3],
  ['empty', 200, {}, 3],
  ['no-body', 200, '', 3],
  ['html', 200, '<html>ok</html>', 3],
  [
    'login-page',
    200,
    '<!doctype html>\n<html><title>Please sign in to use this network</title></html>',
    0,
  ],
  ['quoted', 200, { ...accepted(0), total_count: '3', accepted_count: '3' }, 3],
  ['3002-quoted', 400, { ...failed(3002), total_count: '3', accepted_count: '0', code: '3002' }, 0],
  ['ok-bom', 200, accepted(3), 3],
  ['slow-5', 200, accepted(3), 3],
  ['500-bom', 500, failed(1000, 3), 3],
];

describe('whole replies', () => {
  test.for(REPLIES)('%s', async ([name, status, body, texted, headers]) => {
    await using sandbox = await startSandbox({ now: () => NOW });
    const answer = await post(sandbox, order(name, SENT));
    expect(answer.status).toBe(status);
    expect(typeof body === 'string' ? answer.text : JSON.parse(answer.text)).toEqual(body);
    expect(answer.headers).toMatchObject(headers ?? {});
    expect(answer.headers['retry-after']).toBe(headers?.['retry-after']);
    expect(sandbox.stats()).toMatchObject({
      texts: texted,
      answers: { [name]: 1 },
      unauthorized: status === 401 ? 1 : 0,
    });
  });
});

/** Name, the bytes that arrive before the connection closes, texted, whether it is reset. */
const CLOSED: [string, RegExp, number, boolean][] = [
  ['close-before', /^$/, 0, false],
  ['close-after', /^$/, 3, false],
  ['reset-after', /^$/, 3, true],
  ['cut-off', /^HTTP\/1\.1 200 OK\r\n.*\r\nContent-Length: 68\r\n\r\n.{34}$/s, 3, false],
  ['cut-0', /^$/, 3, false],
  ['cut-12', /^HTTP\/1\.1 200$/, 3, false],
  ['502-reset', /^HTTP\/1\.1 502 OK\r\nContent-Type: application\/json\r\n\r\n$/, 3, true],
  ['502-json-reset', /^HTTP\/1\.1 502 OK\r\n[^\r]*\r\n\r\n{"plan_id":[^}]*$/, 3, true],
  ['500-json-close', /\r\nContent-Length: \d+\r\n\r\n{"plan_id":[^}]*$/, 3, false],
  ['500-json-reset', /\r\nContent-Length: \d+\r\n\r\n{"plan_id":[^}]*$/, 3, true],
  ['500-chunk-close', /\r\nTransfer-Encoding: chunked\r\n\r\n\w+\r\n{.*}$/, 3, false],
  ['500-chunk-reset', /\r\nTransfer-Encoding: chunked\r\n\r\n\w+\r\n{.*}$/, 3, true],
];

describe('connections closed', () => {
  test.for(CLOSED)('%s', async ([name, bytes, texted, reset]) => {
    await using sandbox = await startSandbox();
    const seen = await raw(sandbox, order(name, SENT));
    expect(seen).toEqual({ bytes: expect.stringMatching(bytes), reset });
    expect(sandbox.stats()).toMatchObject({ texts: texted, answers: { [name]: 1 } });
    // Without a length, undici takes a reset for the end.
    if (!name.startsWith('502-')) {
      await expect(post(sandbox, order(name))).rejects.toThrow();
    }
  });

  test('a part of a reply is not a whole one, to a client that knows', async () => {
    await using sandbox = await startSandbox();
    const { bytes } = await raw(sandbox, order('500-json-close', SENT));
    const [head = '', body = ''] = bytes.split('\r\n\r\n');
    expect(body.length).toBeLessThan(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
  });

  test('a reply cut after each of its bytes', async () => {
    await using sandbox = await startSandbox();
    const whole = (await raw(sandbox, order('cut-9999'))).bytes;
    expect(whole).toMatch(/"message_id":"\d{19}"}$/);
    for (let at = 0; at < whole.length; at += 1) {
      expect((await raw(sandbox, order(`cut-${at}`))).bytes).toHaveLength(at);
    }
  });
});

/** Name, what arrived when nothing more will, texted. */
const OPEN: [string, RegExp, number][] = [
  ['hang', /^$/, 3],
  ['hang-unsent', /^$/, 0],
  ['headers-only', /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s, 3],
];

describe('connections left open', () => {
  test.for(OPEN)('%s', async ([name, bytes, texted]) => {
    const reached = Promise.withResolvers<void>();
    await using sandbox = await startSandbox({
      onRequest({ point }) {
        if (point === 'before_reply' && name !== 'headers-only') reached.resolve();
      },
    });
    const reply = raw(sandbox, order(name, SENT), () => reached.resolve());
    await reached.promise;
    expect(sandbox.stats()).toMatchObject({ texts: texted, in_flight: 1, answers: { [name]: 1 } });
    await sandbox.stop();
    expect((await reply).bytes).toMatch(bytes);
  });
});

/** What a plain client does not read. */
const PACKED = ['ok-gzip', 'ok-br', 'ok-deflate', 'ok-utf16'];
const MORE = ['500-gzip', 'again-10', 'continue', ...PACKED];

test('a failure in gzip says that all were accepted', async () => {
  await using sandbox = await startSandbox();
  const url = `${sandbox.url}/v1/messages`;
  const headers = {
    'content-type': 'application/json',
    authorization: basic('sandbox', 'sandbox'),
  };
  const body = JSON.stringify(order('500-gzip', SENT));
  const reply = await fetch(url, { method: 'POST', headers, body });
  expect(reply.headers.get('content-encoding')).toBe('gzip');
  expect([reply.status, await reply.json()]).toEqual([500, failed(1000, SENT)]);
  expect(sandbox.stats().texts).toBe(SENT);
});

test.for([false, true])('a second reply that nobody asked for, watched: %s', async (isWatched) => {
  await using sandbox = await startSandbox(isWatched ? { onRequest: () => {} } : {});
  const { bytes } = await raw(sandbox, order('again-10', SENT), (all) => {
    if (all.includes('internal error')) void sandbox.stop();
  });
  expect(bytes.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 500']);
  expect(sandbox.stats()).toMatchObject({ requests: 1, texts: SENT, answers: { 'again-10': 1 } });
});

test('100 Continue goes before the reply, unasked', async () => {
  await using sandbox = await startSandbox();
  const { bytes } = await raw(sandbox, order('continue', SENT), (all) => {
    if (all.endsWith('}')) void sandbox.stop();
  });
  expect(bytes).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test('every fault that the help lists is tried above', () => {
  const tried = [...REPLIES, ...CLOSED, ...OPEN].map(([name]) => name).concat(MORE);
  const missing = FAULTS.filter(({ name }) => {
    const family = /^(.*-)[A-Z]+$/.exec(name)?.[1];
    return family === undefined
      ? !tried.includes(name)
      : !tried.some((each) => each.startsWith(family) && /\d$/.test(each));
  });
  expect(missing).toEqual([]);
});

test('a name that is nearly a fault is none', () => {
  for (const name of ['', 'slow-', 'slow-x', 'slow-1.5', '429--1', 'cut', '10000', 'promo']) {
    expect(faultNamed(name)).toBeUndefined();
  }
});
