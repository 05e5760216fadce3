/**
 * Every fault the sandbox can commit, by name: how many recipients are texted although it fails,
 * what is answered, and how far the answer gets. Choosing one, and committing it, is done
 * elsewhere. A name of three digits is an HTTP status, one of four a code of the vendor's.
 */
import { gzipSync } from 'node:zlib';
import type { Ids } from './ids.ts';
import { acceptance, bare, failure, json, page, type RawReply } from './reply.ts';

/** What a reply may depend on. */
export interface Occasion {
  readonly ids: Ids;
  readonly recipients: number;
  readonly scheduled: boolean;
  /** Unix milliseconds. */
  readonly now: number;
}

/**
 * How far the reply gets: all of it; none, the connection being closed (FIN) or reset (RST) or
 * left open; its head only, with the connection left open; a part, then closed; a part as
 * `break` says.
 */
export type Delivery = 'whole' | 'close' | 'reset' | 'hang' | 'head' | 'cut' | 'break';

/** A reply that does not come to its end. */
export interface Break {
  /** How its head tells where the body ends; `none`: by the end of the connection. */
  readonly framing: 'length' | 'chunked' | 'none';
  /** After what it breaks off: its head, half its body, all but what ends it. */
  readonly after: 'head' | 'half' | 'body';
  readonly by: 'close' | 'reset';
}

export interface Fault {
  readonly name: string;
  readonly about: string;
  /** How many of so many recipients are texted: the first ones of `to`. */
  readonly texted: (recipients: number) => number;
  readonly reply: (occasion: Occasion) => RawReply;
  readonly delivery: Delivery;
  readonly delayMs: number;
  /** For `cut`: after how many bytes, the head included; without it in the middle of the body. */
  readonly cutAt?: number;
  /** For `break`. */
  readonly break?: Break;
  /** `100 Continue` goes before the reply, although nobody asked for it. */
  readonly continues?: true;
  /** A second reply, which nobody asked for, so many milliseconds after the first: a failure. */
  readonly againMs?: number;
}

const none = () => 0;
const one = () => 1;
const all = (recipients: number) => recipients;
const allButOne = (recipients: number) => recipients - 1;

const ok = ({ ids, recipients, scheduled }: Occasion) =>
  acceptance(ids, recipients, recipients, scheduled);

function fault(
  name: string,
  about: string,
  texted: Fault['texted'],
  reply: Fault['reply'],
  delivery: Delivery = 'whole',
  delayMs = 0,
): Fault {
  return { name, about, texted, reply, delivery, delayMs };
}

/**
 * A documented failure: a status, a code, and the counts that tell how many were accepted all
 * the same.
 */
function refused(
  name: string,
  status: number,
  code: number,
  message: string,
  texted: Fault['texted'] = none,
): Fault {
  const accepted =
    texted === none ? '' : texted === one ? ', yet one accepted' : ', yet all accepted';
  return fault(name, `HTTP ${status}, code ${code}: ${message}${accepted}`, texted, (occasion) => {
    const { ids, recipients } = occasion;
    return failure(ids, status, recipients, texted(recipients), code, message);
  });
}

/** All are texted, and the answer, which says so, does not come whole. */
function broken(
  name: string,
  status: number,
  framing: Break['framing'],
  after: Break['after'],
  by: Break['by'],
): Fault {
  const parts = { head: 'its head', half: 'half its JSON', body: 'all but its end' };
  const framings = { length: 'Content-Length', chunked: 'chunked', none: 'no length' };
  const end = by === 'close' ? 'closed' : 'reset';
  const about = `HTTP ${status}, ${framings[framing]}: ${parts[after]}, then ${end}; texted`;
  const made = fault(name, about, all, (occasion) => failed(occasion, status), 'break');
  return { ...made, break: { framing, after, by } };
}

/** A failure that says how many were accepted: all. */
function failed({ ids, recipients }: Occasion, status = 500) {
  return failure(ids, status, recipients, recipients, 1000, 'internal error');
}

const LIST: readonly Fault[] = [
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

/** Each texts, and answers a 5xx that did not come whole, or cannot be read without care. */
export const CUT_SHORT: readonly string[] = LIST.filter(({ name }) =>
  /^50[02]-(json|chunk|gzip|bom|reset)/.test(name),
).map(({ name }) => name);

const BY_NAME = new Map(LIST.map((each) => [each.name, each]));

/** Families of faults whose name ends in a number. */
const FAMILIES = [
  {
    prefix: '429-',
    name: '429-SECONDS',
    about: 'HTTP 429 with that Retry-After',
    make: (name: string, about: string, seconds: number) =>
      fault(name, about, none, () => bare(429, ['Retry-After', String(seconds)])),
  },
  {
    prefix: 'slow-',
    name: 'slow-MS',
    about: 'accepted, and answered so many milliseconds later',
    make: (name: string, about: string, ms: number) => fault(name, about, all, ok, 'whole', ms),
  },
  {
    prefix: 'again-',
    name: 'again-MS',
    about: 'accepted; so many ms later a 500 more, unasked, where it was',
    make: (name: string, about: string, againMs: number): Fault => ({
      ...fault(name, about, all, ok),
      againMs,
    }),
  },
  {
    prefix: 'cut-',
    name: 'cut-BYTES',
    about: 'closed after so many bytes, the head included; texted',
    make: (name: string, about: string, cutAt: number): Fault => ({
      ...fault(name, about, all, ok, 'cut'),
      cutAt,
    }),
  },
];

/** What `--help` lists. */
export const FAULTS: readonly { readonly name: string; readonly about: string }[] = [
  ...LIST.map(({ name, about }) => ({ name, about })),
  ...FAMILIES.map(({ name, about }) => ({ name, about })),
];

export function faultNamed(name: string): Fault | undefined {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  for (const family of FAMILIES) {
    if (!name.startsWith(family.prefix)) continue;
    const digits = name.slice(family.prefix.length);
    return /^\d{1,9}$/.test(digits) ? family.make(name, family.about, Number(digits)) : undefined;
  }
  return undefined;
}
