/**
 * The faults of a fixed name: how many recipients are texted although it fails, what is answered,
 * and how far the answer gets. A name of three digits is an HTTP status, one of four a code of the
 * vendor's.
 */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import {
  all,
  allButOne,
  broken,
  type Fault,
  failed,
  fault,
  none,
  ok,
  one,
  packed,
  refused,
  refusedInQuotes,
} from './fault.ts';
import { acceptance, bare, json, page } from './reply.ts';

export const LIST: readonly Fault[] = [
  fault('ok', 'none: accepted as ever', all, ok),
  refused('1000', 500, 1000, 'internal error'),
  refused('2001', 401, 2001, 'authentication failed'),
  refused('2002', 401, 2002, 'token expired'),
  refused('2004', 403, 2004, 'no permission'),
  refused('3001', 400, 3001, 'bad json'),
  refused('3002', 400, 3002, 'bad parameters'),
  refused('3003', 400, 3003, 'business rule'),
  refused('3004', 400, 3004, 'frequency limit'),
  refused('4001', 400, 4001, 'template not found'),
  refused('5001', 400, 5001, 'send failed'),
  refused('9999', 500, 9999, 'unknown error'),
  refused('1000-accepted', 500, 1000, 'internal error', one),
  refused('1000-ok', 200, 1000, 'internal error'),
  refused('3003-accepted', 400, 3003, 'business rule', one),
  refused('code-1', 200, 1, 'err xxxx'),
  refused('code-1-accepted', 200, 1, 'err xxxx', all),
  fault('code-0', 'HTTP 200, accepted, with "code": 0', all, ({ ids, recipients, scheduled }) =>
    acceptance(ids, recipients, recipients, scheduled, ',"code":0'),
  ),
  fault('302', 'a redirect to another host', none, () =>
    bare(302, ['Location', 'https://elsewhere.example/']),
  ),
  fault('400', 'HTTP 400 with an HTML page', none, () => page(400, '<html>400</html>')),
  fault('404', 'HTTP 404 with an HTML page, as at a wrong base URL', none, () =>
    page(404, '<html><body>404 Not Found</body></html>'),
  ),
  fault('405', 'HTTP 405 without a body', none, () => bare(405, ['Allow', 'GET'])),
  fault('407', 'HTTP 407 with the page of a proxy that wants a login', none, () =>
    page(407, '<html>407 Proxy Authentication Required</html>'),
  ),
  fault('408', 'HTTP 408 without a body', none, () => bare(408)),
  fault('429', 'HTTP 429 without Retry-After', none, () => bare(429)),
  fault('429-date', 'HTTP 429, Retry-After: a date 2 s from now', none, ({ now }) =>
    bare(429, ['Retry-After', new Date(now + 2_000).toUTCString()]),
  ),
  fault('429-absurd', 'HTTP 429, Retry-After: 999999999999', none, () =>
    bare(429, ['Retry-After', '999999999999']),
  ),
  fault('500', 'HTTP 500 without a body', none, () => bare(500)),
  fault('502', 'HTTP 502 with an HTML page', none, () =>
    page(502, '<html><body>502 Bad Gateway</body></html>'),
  ),
  fault('503', 'HTTP 503 without a body', none, () => bare(503)),
  fault('504', 'HTTP 504 with an HTML page', none, () => page(504, '<html>504</html>')),
  fault('partial', 'HTTP 200, all but one accepted', allButOne, ({ ids, recipients, scheduled }) =>
    acceptance(ids, recipients, allButOne(recipients), scheduled),
  ),
  fault('none-accepted', 'HTTP 200, none accepted, no code', none, (occasion) =>
    acceptance(occasion.ids, occasion.recipients, 0, false),
  ),
  fault('over-accepted', 'HTTP 200, more accepted than sent', all, ({ ids, recipients }) => {
    const count = recipients + 1;
    const counts = `"total_count":${count},"accepted_count":${count}`;
    return json(200, `{"plan_id":"${ids.next()}",${counts}}`);
  }),
  fault(
    'wrong-types',
    'HTTP 200, counts that are no integers; texted',
    all,
    ({ ids, recipients }) =>
      json(200, `{"plan_id":"${ids.next()}","total_count":"${recipients}","accepted_count":"all"}`),
  ),
  fault('empty', 'HTTP 200 with {}; texted', all, () => json(200, '{}')),
  fault('no-body', 'HTTP 200 without a body; texted', all, () => bare(200)),
  fault('html', 'HTTP 200 with an HTML page; texted', all, () => page(200, '<html>ok</html>')),
  fault('login-page', 'HTTP 200 with the page of a network that wants a login', none, () =>
    page(200, '<!doctype html>\n<html><title>Please sign in to use this network</title></html>'),
  ),
  fault('quoted', 'none: accepted, with the counts in quotes', all, ({ ids, recipients }) =>
    json(
      200,
      `{"plan_id":"${ids.next()}","total_count":"${recipients}","accepted_count":"${recipients}"}`,
    ),
  ),
  refusedInQuotes('3002-quoted', 400, 3002, 'bad parameters'),
  packed('ok-gzip', 'gzip', gzipSync),
  packed('ok-br', 'br', brotliCompressSync),
  packed('ok-deflate', 'deflate', deflateSync),
  fault('ok-bom', 'none: accepted, after a byte-order mark', all, (occasion) => {
    const reply = ok(occasion);
    return { ...reply, body: `\u{FEFF}${reply.body}` };
  }),
  fault('ok-utf16', 'none: accepted, in UTF-16 with its mark', all, (occasion) => {
    const reply = ok(occasion);
    return { ...reply, body: Buffer.from(`\u{FEFF}${reply.body}`, 'utf16le') };
  }),
  fault(
    'close-before',
    'closed before the request, by template after it; not texted',
    none,
    ok,
    'close',
  ),
  fault('close-after', 'closed after the request was read; texted', all, ok, 'close'),
  fault('reset-after', 'reset after the request was read; texted', all, ok, 'reset'),
  fault('hang', 'never answered; texted', all, ok, 'hang'),
  fault('hang-unsent', 'never answered; not texted', none, ok, 'hang'),
  fault('headers-only', 'the head of a reply, then nothing; texted', all, ok, 'head'),
  fault('cut-off', 'closed in the middle of the reply; texted', all, ok, 'cut'),
  broken('502-reset', 502, 'none', 'head', 'reset'),
  broken('502-json-reset', 502, 'none', 'half', 'reset'),
  broken('500-json-close', 500, 'length', 'half', 'close'),
  broken('500-json-reset', 500, 'length', 'half', 'reset'),
  broken('500-chunk-close', 500, 'chunked', 'body', 'close'),
  broken('500-chunk-reset', 500, 'chunked', 'body', 'reset'),
  fault('500-gzip', 'HTTP 500 in gzip, all accepted', all, (occasion) => {
    const { status, headers, body } = failed(occasion);
    return { status, headers: [...headers, 'Content-Encoding', 'gzip'], body: gzipSync(body) };
  }),
  fault('500-bom', 'HTTP 500 after a byte-order mark, all accepted', all, (occasion) => {
    const reply = failed(occasion);
    return { ...reply, body: `\u{FEFF}${reply.body}` };
  }),
  { ...fault('continue', '100 Continue unasked, then accepted', all, ok), continues: true },
];
