// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
/** Replies that did not come whole, that cannot be read, or that nobody asked for: over real sockets. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { classify, type Overrides } from '../../../src/worker/request/classify.ts';
import { Sender } from '../../../src/worker/request/sender.ts';
import { openFleet, people } from '../../support/fleet.ts';
import { type RawRequest, startRaw } from '../../support/raw-server.ts';

const BODY = JSON.stringify({ to: ['+6591234567'], template: { id: 'promo', params: {} } });
const always = () => true;
const NONE: Overrides = new Map();

function openSender(baseUrl: string, concurrency = 2): Sender {
  const login = { devKey: 'sandbox', devSecret: 'sandbox' };
  const sender = new Sender({ baseUrl, ...login, concurrency, requestTimeoutMs: 20_000 });
  onTestFinished(() => sender.close());
  return sender;
}

/** What one request to this far end comes to, under the overrides that would like it to be sent again. */
async function outcomeAt(
  answer: (socket: Socket, request: RawRequest) => void,
  overrides = NONE,
): Promise<string> {
  const sender = openSender(await startRaw(answer));
  const result = await sender.send(BODY, always);
  if (result.kind === 'stopped') throw new Error('expected it to be sent');
  return classify(result, 1, overrides).outcome;
}

const RETRY_ALL: Overrides = new Map(
  [200, 400, 408, 429, 500, 502, 503].map((at) => [at, 'retry']),
);
const head = (status: number, ...headers: string[]) =>
  ['HTTP/1.1', status, 'Whatever\r\n'].join(' ') +
  headers.map((each) => `${each}\r\n`).join('') +
  '\r\n';
const HALF = '{"plan_id":"1","total_count":1,"accep';
const TAKEN = '{"plan_id":"1","total_count":1,"accepted_count":1,"code":1000}';
const PAGE = '<html>502 Bad Gateway</html>';

/** Sends the bytes, sees to it that they arrive, and then breaks the connection. */
async function thenReset(socket: Socket, ...bytes: (string | Buffer)[]): Promise<void> {
  for (const each of bytes) socket.write(each);
  await sleep(20);
  socket.resetAndDestroy();
}

describe('a reply that did not come whole proves nothing', () => {
  test.for([500, 502, 408, 429, 400, 200])('%i without a length, reset', async (status) => {
    for (const body of ['', HALF, PAGE]) {
      const outcome = await outcomeAt((s) => void thenReset(s, head(status), body), RETRY_ALL);
      expect(outcome, body).toBe('unconfirmed');
    }
  });

  test.for([500, 502, 408, 429, 400, 200])('%i, closed before its end', async (status) => {
    for (const framing of [
      [head(status), ''],
      [head(status), HALF],
      [head(status, 'Content-Type: application/json'), 'upstream fail'],
      [head(status, 'Content-Length: 100'), PAGE],
      [head(status, 'Transfer-Encoding: chunked'), `5\r\n<html\r\n`],
      [head(status, 'Transfer-Encoding: chunked'), '0\r\n'],
      [head(status, 'Transfer-Encoding: gzip'), PAGE],
    ]) {
      const outcome = await outcomeAt((socket) => void socket.end(framing.join('')), RETRY_ALL);
      expect(outcome, framing.join('')).toBe('unconfirmed');
    }
  });

  test('not even one that came whole, before the request was', async () => {
    const large = 'x'.repeat(50_000_000);
    const early = await startEarly(`${head(503, `Content-Length: ${PAGE.length}`)}${PAGE}`);
    const result = await openSender(early).send(large, always);
    expect(result).toMatchObject({ kind: 'no_reply', status: 503 });
  });
});

/** Answers as soon as a connection says anything, and reads no further. */
async function startEarly(reply: string): Promise<string> {
  const { createServer } = await import('node:net');
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => {
        socket.pause();
        socket.write(reply);
      });
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

describe('a reply is read whatever it is wrapped in', () => {
  const wrapped: [string, Buffer][] = [
    ['gzip', gzipSync(TAKEN)],
    ['x-gzip', gzipSync(TAKEN)],
    ['deflate', deflateSync(TAKEN)],
    ['deflate', deflateRawSync(TAKEN)],
    ['br', brotliCompressSync(TAKEN)],
    ['zstd', zstdCompressSync(TAKEN)],
    ['deflate, gzip', gzipSync(deflateSync(TAKEN))],
    ['identity', Buffer.from(TAKEN)],
    ['', Buffer.from(`\ufeff${TAKEN}`)],
    ['', Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(TAKEN, 'utf16le')])],
    ['', Buffer.from(TAKEN, 'utf16le')],
  ];
  test.for(wrapped)('a 500 that took the message, in "%s"', async ([coding, bytes]) => {
    const headers = [
      `Content-Length: ${bytes.length}`,
      ...(coding ? [`Content-Encoding: ${coding}`] : []),
    ];
    const answer = (socket: Socket) =>
      void socket.write(Buffer.concat([Buffer.from(head(500, ...headers)), bytes]));
    expect(await outcomeAt(answer, RETRY_ALL)).toBe('unconfirmed');
  });

  test.for(['gzip', 'br', 'compress', 'aws-chunked'])(
    'what is no %s, or cannot be undone, proves nothing',
    async (coding) => {
      const headers = [`Content-Length: ${PAGE.length}`, `Content-Encoding: ${coding}`];
      const answer = (socket: Socket) => void socket.write(head(503, ...headers) + PAGE);
      expect(await outcomeAt(answer, RETRY_ALL)).toBe('unconfirmed');
    },
  );

  test('a page in gzip is a page', async () => {
    const bytes = gzipSync(PAGE);
    const headers = [`Content-Length: ${bytes.length}`, 'Content-Encoding: gzip'];
    const answer = (socket: Socket) =>
      void socket.write(Buffer.concat([Buffer.from(head(502, ...headers)), bytes]));
    expect(await outcomeAt(answer)).toBe('retry');
  });

  test('one that would grow beyond all measure is not read', async () => {
    const bytes = gzipSync(Buffer.alloc(50_000_000));
    const headers = [`Content-Length: ${bytes.length}`, 'Content-Encoding: gzip'];
    const answer = (socket: Socket) =>
      void socket.write(Buffer.concat([Buffer.from(head(502, ...headers)), bytes]));
    expect(await outcomeAt(answer)).toBe('unconfirmed');
  });

  test.for([
    ['a length of 0', head(503, 'Content-Length: 0', 'Content-Type: application/json')],
    ['chunks', `${head(503, 'Transfer-Encoding: Chunked')}5\r\n<html\r\n1\r\n>\r\n0\r\n\r\n`],
  ] as const)('a 503 with %s is whole', async ([, reply]) => {
    expect(await outcomeAt((socket) => void socket.write(reply))).toBe('retry');
  });

  test('a 503 without a length is whole once it was closed in good order', async () => {
    expect(await outcomeAt((socket) => void socket.end(head(503) + PAGE))).toBe('retry');
  });
});

describe('100 Continue, unasked, is passed over', () => {
  const good = '{"plan_id":"1","total_count":1,"accepted_count":1}';
  const reply = head(200, `Content-Length: ${good.length}`) + good;
  const EARLY_HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  test.for([
    ['at once', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['with headers', 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n'],
    ['twice', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'],
    ['between early hints', `${EARLY_HINTS}HTTP/1.1 100 Continue\r\n\r\n${EARLY_HINTS}`],
  ])('%s', async ([, before]) => {
    expect(await outcomeAt((socket) => void socket.write(before + reply))).toBe('accepted');
  });

  test('also where it comes byte by byte', async () => {
    const url = await startRaw(async (socket) => {
      for (const byte of Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${reply}`)) {
        await new Promise((done) => socket.write(Buffer.of(byte), done));
      }
    });
    const sender = openSender(url);
    for (let times = 0; times < 2; times++) {
      expect(await sender.send(BODY, always)).toMatchObject({ kind: 'reply', body: good });
    }
  });

  test('one after which nothing comes proves nothing', async () => {
    expect(await outcomeAt((socket) => void socket.end('HTTP/1.1 100 Continue\r\n\r\n'))).toBe(
      'unconfirmed',
    );
  });
});

/** A reply that is packed or marked as far ends do, although nobody asked for it. */
const FORMS = {
  plain: (text: string) => [Buffer.from(text), []],
  gzip: (text: string) => [gzipSync(text), ['Content-Encoding: gzip']],
  br: (text: string) => [brotliCompressSync(text), ['Content-Encoding: br']],
  deflate: (text: string) => [deflateSync(text), ['Content-Encoding: deflate']],
  'raw deflate': (text: string) => [deflateRawSync(text), ['Content-Encoding: deflate']],
  mark: (text: string) => [Buffer.from(`\ufeff${text}`), []],
  'UTF-16': (text: string) => [Buffer.from(`\ufeff${text}`, 'utf16le'), []],
  'UTF-16, big end first': (text: string) => [Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), []],
  'gzip of UTF-16': (text: string) => [
    gzipSync(Buffer.from(`\ufeff${text}`, 'utf16le')),
    ['Content-Encoding: gzip'],
  ],
} satisfies Record<string, (text: string) => [Buffer, string[]]>;

test.for(Object.entries(FORMS))('reads %s the same under each status', async ([, form]) => {
  const cases = [
    [200, '{"plan_id":"1","total_count":1,"accepted_count":1}', 'accepted'],
    [200, '{"code":3002,"message":"bad parameters"}', 'rejected'],
    [202, '{"plan_id":"1","total_count":1,"accepted_count":0}', 'shortfall'],
    [400, '{"code":5001,"message":"send failed"}', 'rejected'],
    [401, '{"code":2001,"message":"authentication failed"}', 'unauthorized'],
    [404, '{"code":1000,"message":"internal error"}', 'retry'],
    [500, '{"plan_id":"1","accepted_count":0,"code":1000}', 'retry'],
    [500, '{"plan_id":"1","accepted_count":1,"code":1000}', 'unconfirmed'],
    [502, PAGE, 'retry'],
    [200, PAGE, 'unconfirmed'],
  ] as const;
  const url = await startRaw((socket, { count }) => {
    const [status, text] = cases[count - 1] ?? cases[0];
    const [bytes, headers] = form(text);
    socket.write(head(status, ...headers, `Content-Length: ${bytes.length}`));
    socket.write(bytes);
  });
  const sender = openSender(url);
  for (const [status, text, outcome] of cases) {
    const result = await sender.send(BODY, always);
    expect(result).toMatchObject({ kind: 'reply', status, body: text });
    if (result.kind === 'reply') expect(classify(result, 1, NONE).outcome).toBe(outcome);
  }
});

test('asks for replies that are not packed', async () => {
  const heads: string[] = [];
  const server = createServer((request, response) => {
    heads.push(String(request.headers['accept-encoding']));
    response.end('{}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  await openSender(`http://127.0.0.1:${address.port}`).send(BODY, always);
  expect(heads).toEqual(['identity']);
});

test.for([
  [200, 'another'],
  [500, undefined],
] as const)(
  '%i that came whole and cannot be unpacked is told from one that did not',
  async ([status, writer]) => {
    const coded = head(status, 'Content-Encoding: gzip', `Content-Length: ${PAGE.length}`) + PAGE;
    const sender = openSender(await startRaw((socket) => void socket.write(coded)));
    const result = await sender.send(BODY, always);
    expect(result).toMatchObject({ kind: 'unreadable', status });
    if (result.kind !== 'unreadable') return;
    expect(classify(result, 1, RETRY_ALL)).toMatchObject({ outcome: 'unconfirmed', writer });
  },
);

describe('a reply that nobody asked for', () => {
  const body = (id: string) => `{"plan_id":"${id}","total_count":1,"accepted_count":1}`;
  const ok = (id: string) => head(200, `Content-Length: ${body(id).length}`) + body(id);

  test('right behind another makes both worth nothing', async () => {
    expect(await outcomeAt((socket) => void socket.write(ok('1') + ok('2')))).toBe('unconfirmed');
  });

  test('behind one that says that the connection is closed, too', async () => {
    const closing = head(503, `Content-Length: ${PAGE.length}`, 'Connection: close') + PAGE;
    expect(await outcomeAt((socket) => void socket.write(closing + ok('2')))).toBe('unconfirmed');
  });

  test('later casts doubt on the one before, and ends the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await startRaw((socket, { nth, count }) => {
      socket.write(ok(String(count)));
      if (count > 1 || nth > 1) return;
      socket.on('close', closed.resolve);
      setTimeout(() => socket.write(ok('stray')), 50);
    });
    const sender = openSender(url, 1);
    const doubt = Promise.withResolvers<void>();
    expect(await sender.send(BODY, always, doubt.resolve)).toMatchObject({ body: body('1') });
    // Sent at once, it takes another connection: the first rests.
    expect(await sender.send(BODY, always)).toMatchObject({ body: body('2') });
    await Promise.all([doubt.promise, closed.promise]);
    expect(await sender.send(BODY, always)).toMatchObject({ body: body('3') });
  });
});

test('nobody is told that a message was accepted whose reply may have been a stray', async () => {
  const fleet = await openFleet();
  const url = await startRaw((socket, { count }) => {
    const reply = (id: string) => `{"plan_id":"${id}","total_count":1,"accepted_count":1}`;
    const text = (id: string) => head(200, `Content-Length: ${reply(id).length}`) + reply(id);
    // The first request gets a stray reply; its own comes later.
    socket.write(count === 1 ? text('777') : text(String(count)));
    if (count === 1) setTimeout(() => socket.write(text('1')), 100);
  });
  await fleet.send('stray', people(4));
  const settings = { ENGAGELAB_BASE_URL: url, VOLLEY_RATE: '10', VOLLEY_CONCURRENCY: '1' };
  await fleet.createWorker(settings).start();
  const counts = { accepted: 3, unconfirmed: 1 };
  await expect.poll(() => fleet.counts('stray'), { timeout: 20_000 }).toEqual(counts);
  await fleet.log.line('a reply that nobody asked for came after its own');
  const lines = await fleet.lines('stray');
  expect(lines.find(({ plan_id }) => plan_id === '777')).toMatchObject({ state: 'unconfirmed' });
  expect(await fleet.verify('stray')).toMatchObject({ verified: true });
});

const statuses = fc.constantFrom(200, 202, 302, 400, 401, 404, 408, 429, 500, 502, 503, 504, 599);
const bodies = fc.constantFrom(
  PAGE,
  '',
  TAKEN,
  '{"plan_id":"1","total_count":1,"accepted_count":1}',
  '{"plan_id":"1","total_count":1,"accepted_count":0,"code":1000,"message":"internal error"}',
  '{"code":5001,"message":"send failed"}',
  '{"data":{"accepted_count":1}}',
  'upstream connect error',
);
const CODINGS = {
  '': (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  br: (bytes: Buffer) => brotliCompressSync(bytes),
  deflate: (bytes: Buffer) => deflateSync(bytes),
};

test('nothing is sent again but after the whole of a 5xx that accepted nothing', async () => {
  let answer = (_socket: Socket) => {};
  const sender = openSender(await startRaw((socket) => answer(socket)), 4);
  await fc.assert(
    fc.asyncProperty(
      statuses,
      bodies,
      fc.constantFrom('' as const, 'gzip' as const, 'br' as const, 'deflate' as const),
      fc.constantFrom('length', 'chunked', 'close'),
      fc.boolean(),
      fc.boolean(),
      fc.nat(),
      async (status, text, coding, framing, hasMark, isReset, where) => {
        const plain = Buffer.from(hasMark && text ? `\ufeff${text}` : text);
        const bytes = text === '' ? plain : CODINGS[coding](plain);
        const headers = [
          ...(coding ? [`Content-Encoding: ${coding}`] : []),
          ...(framing === 'length' ? [`Content-Length: ${bytes.length}`] : []),
          ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
        ];
        const size = bytes.length.toString(16);
        const chunk =
          bytes.length > 0 ? [Buffer.from(`${size}\r\n`), bytes, Buffer.from('\r\n')] : [];
        const payload = framing === 'chunked' ? [...chunk, Buffer.from('0\r\n\r\n')] : [bytes];
        const whole = Buffer.concat([Buffer.from(head(status, ...headers)), ...payload]);
        const cut = where % (whole.length + 1);
        answer = (socket) => {
          if (cut > 0) socket.write(whole.subarray(0, cut));
          if (isReset) setTimeout(() => socket.resetAndDestroy(), 3);
          else socket.end();
        };
        const result = await sender.send(BODY, always);
        if (result.kind === 'stopped') throw new Error('expected it to be sent');
        const { outcome } = classify(result, 1, NONE);
        const isNothing = !/accepted_count":1/.test(text) && !text.includes('5001');
        const isWhole = cut === whole.length && !(framing === 'close' && (isReset || text === ''));
        // Without a length nobody can tell that a page was cut in good order.
        const isCutPage =
          framing === 'close' && !isReset && cut > whole.length - bytes.length && coding === '';
        const mayRetry = status >= 500 || status === 408 || text.includes('1000');
        if (outcome === 'retry') {
          expect(isNothing).toBe(true);
          expect(mayRetry).toBe(true);
          expect(isWhole || isCutPage).toBe(true);
        }
        if (isWhole && isNothing && status >= 500) expect(outcome).toBe('retry');
        if (cut < whole.length && !isCutPage) expect(outcome).toBe('unconfirmed');
      },
    ),
    { numRuns: 600, seed: 7, interruptAfterTimeLimit: 30_000 },
  );
});
