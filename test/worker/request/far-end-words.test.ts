/** What a far end says is shown in many places; no number and no login of ours is in any of them, but numbers in the audit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planReplay } from '../../../src/producer/replay/plan.ts';
import { fleetStatus, listCampaigns } from '../../../src/producer/report/status.ts';
import { classify } from '../../../src/worker/request/classify.ts';
import { Scrubber } from '../../../src/worker/request/scrubber.ts';
import { numberAt, openFleet, people, workUntilFinished } from '../../support/fleet.ts';
import { startRaw } from '../../support/raw-server.ts';

const KEY = 'key-7f3a9c11';
const SECRET = 'geheim/e81b+44"x';
const LOGIN = `${KEY}:${SECRET}`;
const base64 = Buffer.from(LOGIN).toString('base64');

const spelling = fc.tuple(
  fc.nat({ max: 39 }).map((at) => numberAt(at).slice(1)),
  fc.constantFrom('+', '', '00', '＋'),
  fc.constantFrom('', ' ', '-', '.', ' - ', '\u00a0', '/', ') ', '\u200b'),
  fc.constantFrom(0x30, 0xff10, 0x660, 0x966),
);
const number = spelling.map(([digits, plus, between, zero]) => {
  const pieces = [digits.slice(0, 2), digits.slice(2, 6), digits.slice(6)].join(between);
  return plus + pieces.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
});
const login = fc.constantFrom(
  ...[
    KEY,
    SECRET,
    LOGIN,
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(LOGIN).toString('base64url'),
  ],
  ...[
    `Authorization: Basic ${base64}`,
    encodeURIComponent(LOGIN),
    JSON.stringify(SECRET),
    KEY.toUpperCase(),
  ],
);
const filler = fc.constantFrom(' ', ', ', '<b>', '"', ': ', ' to=', ' (', '; ');
const words = fc
  .array(fc.tuple(filler, fc.oneof(number, login, fc.constantFrom('refused', 'no route', 'x'))), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => `said${parts.map(([before, text]) => before + text).join('')} end`);

function expectNothingTold(text: string, { numbers }: { numbers: boolean }): void {
  for (const secret of [KEY, SECRET, base64.replace(/=+$/, ''), encodeURIComponent(SECRET)]) {
    expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
  }
  if (!numbers) return;
  const digits = text
    .normalize('NFKC')
    .replace(/[\u0660-\u0669\u0966-\u096f]/g, (digit) =>
      String((digit.codePointAt(0) ?? 0) - (digit < '\u0900' ? 0x660 : 0x966)),
    )
    .replace(/[\s\u00a0\u200b()./+-]/g, '');
  for (let at = 0; at < 40; at++) expect(digits).not.toContain(numberAt(at).slice(1));
}

test('no form of our login is left in what a verdict says', () => {
  const scrubber = new Scrubber(KEY, SECRET);
  fc.assert(
    fc.property(
      words,
      fc.constantFrom(200, 400, 401, 429, 500),
      fc.boolean(),
      (text, status, isJson) => {
        const body = isJson
          ? JSON.stringify({ message: text, plan_id: text, code: 3002 })
          : `{${text}`;
        const verdict = scrubber.verdict(classify({ kind: 'reply', status, body }, 1, new Map()));
        expectNothingTold(JSON.stringify(verdict), { numbers: false });
        const lost = scrubber.verdict(classify({ kind: 'no_reply', error: text }, 1, new Map()));
        expectNothingTold(JSON.stringify(lost), { numbers: false });
      },
    ),
    { numRuns: 1000 },
  );
});

describe('of a reply that was not understood', () => {
  const scrubber = new Scrubber(KEY, SECRET);
  const told = (status: number, body: string) =>
    scrubber.verdict(classify({ kind: 'reply', status, body }, 1, new Map())).message ?? '';

  test('the first 200 characters are kept, on one line', () => {
    const page = `<html>\r\n\t<b>wrong\0 door</b>\u202e\u001b[31m${'x'.repeat(500)}`;
    expect(told(200, page)).toBe(
      `a reply that was not understood: <html> <b>wrong door</b>[31m${'x'.repeat(172)}…`,
    );
    expect(told(200, '{"plan_id"')).toBe('a reply that cannot be read: {"plan_id"');
    expect(told(200, '\0\0')).toBe('a reply that was not understood: nothing');
    expect(told(404, '😀'.repeat(300))).toContain(`: ${'😀'.repeat(200)}…`);
    // UTF-16 without its mark
    const wide = Buffer.from('{"status":"up"}', 'utf16le').toString('latin1');
    expect(told(200, wide)).toContain('{"status":"up"}');
  });

  test('no number and no login is shown, also where they are cut in two', () => {
    const parts = [numberAt(7), KEY, SECRET, base64, `Basic ${base64}`];
    for (const part of parts) {
      for (let at = 150; at < 205; at++) {
        const words = told(200, `${'x'.repeat(at)} ${part} ${'y'.repeat(100)}`);
        const shown = words.slice(words.indexOf('x'));
        for (let length = 5; length <= part.length; length++)
          expect(shown).not.toContain(part.slice(0, length + 2));
      }
    }
  });

  test('a page of a million letters costs no time', () => {
    const page = `{${'6591234567 '.repeat(90_000)}`;
    expect(told(200, page)).toMatch(/^a reply that cannot be read: \{\+65\*\*\*\*/);
  });

  test('the ledger keeps them, and the audit shows them', async () => {
    const fleet = await openFleet();
    const page = `<html>\n<p>${numberAt(0)} by ${KEY}</p>${'z'.repeat(400)}</html>`;
    const url = await startRaw((socket, { count }) => {
      const status = [200, 404, 502][count - 1] ?? 404;
      socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
    });
    await fleet.send('pages', people(3));
    const login = { ENGAGELAB_DEV_KEY: KEY, ENGAGELAB_DEV_SECRET: SECRET };
    const more = { VOLLEY_ATTEMPTS: '1', VOLLEY_CONCURRENCY: '1' };
    const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: url, ...login, ...more });
    await workUntilFinished(worker, 'pages');
    const lines = await fleet.lines('pages');
    const words = lines.map(({ detail }) => detail);
    const kept = `a reply that was not understood: <html> <p>+65****0000 by ****</p>${'z'.repeat(167)}…`;
    expect(words.toSorted()).toEqual([kept, kept, null].toSorted());
    expect(lines.flatMap(({ attempts }) => attempts.map((each) => each.message))).toEqual(words);
  });
});

test('the words of the sandbox stay readable beside its login', () => {
  const scrubber = new Scrubber('sandbox', 'sandbox');
  const text = 'the sandbox is closed: sandbox';
  expect(scrubber.text(text)).toBe(text);
  expect(scrubber.text('Basic c2FuZGJveDpzYW5kYm94')).toBe('Basic ****');
});

test('log, status, valve, plan and reasons show neither a number nor a login', async () => {
  const fleet = await openFleet();
  const texts = fc.sample(words, { numRuns: 40, seed: 11 });
  const url = await startRaw((socket, { count }) => {
    const message = texts[(count - 1) % texts.length] ?? '';
    const status = [400, 500, 401, 429, 400, 502][count % 6] ?? 400;
    const code = { 400: 5001, 401: 2001, 500: 1000 }[status];
    const body = JSON.stringify({ code, message, plan_id: message });
    const retry = status === 429 ? 'Retry-After: 0\r\n' : '';
    socket.write(
      `HTTP/1.1 ${status} X\r\n${retry}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  await fleet.send('words', people(40));
  const login = { ENGAGELAB_DEV_KEY: KEY, ENGAGELAB_DEV_SECRET: SECRET };
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: url, VOLLEY_ATTEMPTS: '2', ...login });
  const shown: unknown[] = [];
  worker.on('valve', (locks) => shown.push(locks));
  worker.on('job', (ended) => shown.push(ended));
  // Whatever locks the valve is released, so that all comes to its end.
  const opening = setInterval(async () => {
    shown.push(
      await fleetStatus(fleet.redis, fleet.keys),
      await fleet.redis.hgetall(fleet.keys.fleet.valve),
    );
    await fleet.redis.del(fleet.keys.fleet.valve);
  }, 200);
  try {
    await workUntilFinished(worker, 'words');
  } finally {
    clearInterval(opening);
  }
  const { groups } = await planReplay(fleet.redis, fleet.keys, 'words', {});
  shown.push(
    groups,
    await listCampaigns(fleet.redis, fleet.keys),
    (await fleet.ended('words')).reason,
    fleet.log.lines,
  );
  expectNothingTold(JSON.stringify(shown), { numbers: true });
  expectNothingTold(JSON.stringify(await fleet.lines('words')), { numbers: false });
  expect(JSON.stringify(groups)).toContain('****');
});
