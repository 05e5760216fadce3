// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { Sender, type SenderOptions, type SendResult } from '../../../src/worker/request/sender.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
/** Self-signed, for localhost, until 2126. */
const TLS = { key: fixture('key.pem'), cert: fixture('certificate.pem') };

const BODY = JSON.stringify({ to: ['+6591234567'], template: { id: 'promo', params: {} } });

/** To be closed by the test. */
function createSender(baseUrl: string, more: Partial<SenderOptions> = {}): Sender {
  return new Sender({
    baseUrl,
    ...{ devKey: 'sandbox', devSecret: 'sandbox', concurrency: 2, requestTimeoutMs: 20_000 },
    ...more,
  });
}

function openSender(baseUrl: string, more?: Partial<SenderOptions>): Sender {
  const sender = createSender(baseUrl, more);
  onTestFinished(() => sender.close());
  return sender;
}

const always = () => true;

async function sendOnce(baseUrl: string, more?: Partial<SenderOptions>): Promise<SendResult> {
  return openSender(baseUrl, more).send(BODY, always);
}

/** @returns the port */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

/** A server of bytes: `onRequest` is called once the head and the body of a request are there. */
async function startRaw(onRequest: (socket: Socket, count: number) => void): Promise<string> {
  let count = 0;
  const server = createServer((socket) => {
    let seen = '';
    socket.on('data', (bytes) => {
      seen += bytes.toString();
      if (!seen.endsWith(BODY)) return;
      seen = '';
      count++;
      onRequest(socket, count);
    });
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

async function startHttp(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createHttpServer(listener))}`;
}

const REPLY_BODY = '{"plan_id":"1","total_count":1,"accepted_count":1}';
const REPLY = `HTTP/1.1 200 OK\r\nContent-Length: ${REPLY_BODY.length}\r\n\r\n${REPLY_BODY}`;

describe('a complete reply', () => {
  test('is given with its status, its body and Retry-After', async () => {
    const url = await startHttp((_request, response) => {
      response.writeHead(429, { 'Retry-After': '7' }).end('später');
    });
    expect(await sendOnce(url)).toEqual({
      kind: 'reply',
      status: 429,
      body: 'später',
      retryAfter: '7',
    });
  });

  test('is put together from its pieces, wherever they were cut', async () => {
    const bytes = Buffer.from('{"message":"€😀"}');
    const url = await startRaw(async (socket) => {
      socket.setNoDelay().write(`HTTP/1.1 500 Oh\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      for (const byte of bytes) await new Promise((done) => socket.write(Buffer.of(byte), done));
    });
    expect(await sendOnce(url)).toMatchObject({ status: 500, body: '{"message":"€😀"}' });
  });

  test('of a redirect is not followed', async () => {
    let requests = 0;
    const url = await startHttp((_request, response) => {
      requests++;
      response.writeHead(307, { Location: '/elsewhere' }).end();
    });
    expect(await sendOnce(url)).toMatchObject({ kind: 'reply', status: 307, body: '' });
    expect(requests).toBe(1);
  });

  test('may come after early hints', async () => {
    const url = await startRaw((socket) => {
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${REPLY}`);
    });
    expect(await sendOnce(url)).toMatchObject({ kind: 'reply', status: 200, body: REPLY_BODY });
  });

  test('comes of a request as the vendor wants it', async () => {
    const seen = Promise.withResolvers<unknown>();
    const url = await startHttp(async (request, response) => {
      const { method, url: path, headers } = request;
      seen.resolve({ method, path, headers, body: await text(request) });
      response.end();
    });
    await sendOnce(`${url}/proxy/`, { devKey: 'key', devSecret: 'sécret' });
    expect(await seen.promise).toMatchObject({
      method: 'POST',
      path: '/proxy/v1/messages',
      body: BODY,
      headers: {
        authorization: `Basic ${Buffer.from('key:sécret').toString('base64')}`,
        'content-type': 'application/json',
        'content-length': String(BODY.length),
      },
    });
  });

  test('is waited for by a close', async () => {
    const received = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await using sandbox = await startSandbox({
      onRequest: async ({ point }) => {
        if (point !== 'before_reply') return;
        received.resolve();
        await answer.promise;
      },
    });
    const sender = createSender(sandbox.url);
    const sending = sender.send(BODY, always);
    await received.promise;
    const closing = sender.close();
    answer.resolve();
    await closing;
    expect(await sending).toMatchObject({ kind: 'reply', status: 200 });
  });
});

describe('nothing was written', () => {
  test('where the connection is refused', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    expect(await sendOnce(`http://127.0.0.1:${port}`)).toEqual({
      kind: 'not_written',
      error: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('where the host name is not found', async () => {
    expect(await sendOnce('http://volley.invalid')).toEqual({
      kind: 'not_written',
      error: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });

  test('where the certificate is refused', async () => {
    let requests = 0;
    const server = createHttpsServer(TLS, (_request, response) => {
      requests++;
      response.end();
    });
    expect(await sendOnce(`https://localhost:${await listen(server)}`)).toEqual({
      kind: 'not_written',
      error: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
    expect(requests).toBe(0);
  });

  test('where the connection is closed in the middle of the TLS handshake', async () => {
    const port = await listen(createServer((socket) => socket.once('data', () => socket.end())));
    expect(await sendOnce(`https://localhost:${port}`)).toMatchObject({ kind: 'not_written' });
  });

  test('where no connection is made in time', async () => {
    // it takes the connection and never says a word: the handshake does not come to its end
    const port = await listen(createServer());
    expect(await sendOnce(`https://localhost:${port}`, { requestTimeoutMs: 100 })).toEqual({
      kind: 'not_written',
      error: expect.stringMatching(/timeout/i),
    });
  });

  test('where it was stopped right before the first byte', async () => {
    const closed = Promise.withResolvers<number>();
    const server = createServer((socket) => {
      socket.resume().on('close', () => closed.resolve(socket.bytesRead));
    });
    const sender = createSender(`http://127.0.0.1:${await listen(server)}`);
    expect(await sender.send(BODY, () => false)).toEqual({ kind: 'stopped' });
    await sender.close();
    expect(await closed.promise).toBe(0);
  });

  test('where it was stopped on a connection that was used before', async () => {
    await using sandbox = await startSandbox();
    const sender = openSender(sandbox.url, { concurrency: 1 });
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
    expect(await sender.send(BODY, () => false)).toEqual({ kind: 'stopped' });
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
    expect(sandbox.stats().requests).toBe(2);
  });
});

describe('nobody knows what became of a request', () => {
  test.for(['close-before', 'close-after', 'reset-after', 'cut-off'])('%s', async (fault) => {
    await using sandbox = await startSandbox({ faults: { rates: { [fault]: 1 } } });
    expect(await sendOnce(sandbox.url)).toMatchObject({ kind: 'no_reply' });
    // undici has not sent it again by itself
    expect(sandbox.stats().requests).toBe(1);
  });

  test.for(['hang', 'headers-only'])('%s until the time-out', async (fault) => {
    await using sandbox = await startSandbox({ faults: { rates: { [fault]: 1 } } });
    expect(await sendOnce(sandbox.url, { requestTimeoutMs: 1000 })).toEqual({
      kind: 'no_reply',
      error: 'no complete reply within 1000 ms',
      status: fault === 'hang' ? undefined : 200,
    });
    expect(sandbox.stats().requests).toBe(1);
  });

  test('whose reply trickles in without end', async () => {
    const url = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
      const trickle = setInterval(() => socket.write('.'), 5);
      socket.on('close', () => clearInterval(trickle));
    });
    expect(await sendOnce(url, { requestTimeoutMs: 1000 })).toEqual({
      kind: 'no_reply',
      error: 'no complete reply within 1000 ms',
      status: 200,
    });
  });

  test('whose reply is larger than any of the vendor', async () => {
    const url = await startHttp((_request, response) => {
      response.end(Buffer.alloc(2 << 20, ' '));
    });
    expect(await sendOnce(url)).toMatchObject({
      kind: 'no_reply',
      error: expect.stringContaining('1048576 bytes'),
    });
  });

  test('whose reply is no HTTP', async () => {
    const url = await startRaw((socket) => socket.write('HELLO THERE\r\n\r\n'));
    expect(await sendOnce(url)).toMatchObject({ kind: 'no_reply' });
  });

  const chunked =
    'HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n' +
    `${REPLY_BODY.length.toString(16)}\r\n${REPLY_BODY}\r\n0\r\n\r\n`;

  test.for([
    ['of a known length', REPLY],
    ['in chunks', chunked],
  ] as const)('whose reply %s is cut off after any of its bytes', async ([, reply]) => {
    let cutAt = 0;
    const url = await startRaw((socket) => socket.end(reply.slice(0, cutAt)));
    const sender = openSender(url);
    for (; cutAt < reply.length; cutAt++) {
      expect(await sender.send(BODY, always), `cut at ${cutAt}`).toMatchObject({
        kind: 'no_reply',
      });
    }
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply', body: REPLY_BODY });
  });
});

describe('connections', () => {
  test('are used again', async () => {
    const ports = new Set<number | undefined>();
    const url = await startRaw((socket) => {
      ports.add(socket.remotePort);
      socket.write(REPLY);
    });
    const sender = openSender(url, { concurrency: 1 });
    for (let times = 0; times < 5; times++) await sender.send(BODY, always);
    // Two for each request that may be under way, so that one can rest while the other is used.
    expect(ports.size).toBe(2);
  });

  test('that the server closes between two requests cost neither of them', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await startRaw((socket, count) => {
      if (count > 1) return void socket.write(REPLY);
      socket.on('close', () => closed.resolve());
      socket.end(REPLY);
    });
    const sender = openSender(url);
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
    await closed.promise;
    expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply' });
  });

  test('are not shared by requests under way', async () => {
    const sockets = new Set<Socket>();
    const url = await startRaw((socket) => {
      sockets.add(socket);
      if (sockets.size === 2) for (const each of sockets) each.write(REPLY);
    });
    const sender = openSender(url);
    const results = await Promise.all([sender.send(BODY, always), sender.send(BODY, always)]);
    expect(results).toMatchObject([{ kind: 'reply' }, { kind: 'reply' }]);
  });

  test('are of HTTP/1.1 also where the server would rather have HTTP/2', async () => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, TLS.cert.toString()]);
    onTestFinished(() => setDefaultCACertificates(before));
    const versions: string[] = [];
    const server = createSecureServer({ ...TLS, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion);
      response.end(REPLY_BODY);
    });
    expect(await sendOnce(`https://localhost:${await listen(server)}`)).toMatchObject({
      kind: 'reply',
      status: 200,
    });
    expect(versions).toEqual(['1.1']);
  });
});
