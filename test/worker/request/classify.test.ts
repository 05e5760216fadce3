// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { OUTCOMES } from '../../../src/shared/outcome.ts';
import { classify, type Exchange, type Overrides } from '../../../src/worker/request/classify.ts';

const Table = z.object({
  replies: z.array(
    z.object({
      name: z.string(),
      sent: z.int(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.string(),
      outcome: z.enum(OUTCOMES),
      plan_id: z.string().optional(),
      message_id: z.string().optional(),
      task_id: z.string().optional(),
    }),
  ),
  transport: z.array(z.object({ name: z.string(), outcome: z.enum(OUTCOMES) })),
});
const file = new URL('../../fixtures/engagelab-replies.json', import.meta.url);
const { replies, transport } = Table.parse(JSON.parse(readFileSync(file, 'utf8')));

const NONE: Overrides = new Map();

test.for(replies)('$name', ({ sent, status, headers, body, ...expected }) => {
  const reply: Exchange = { kind: 'reply', status, body, retryAfter: headers['retry-after'] };
  const verdict = classify(reply, sent, NONE);
  expect(verdict.outcome).toBe(expected.outcome);
  expect(verdict.http_status).toBe(status);
  expect(verdict.retryAfter).toBe(headers['retry-after']);
  if (expected.plan_id) expect(verdict.plan_id).toBe(expected.plan_id);
  expect(verdict.message_id).toBe(expected.message_id);
  expect(verdict.task_id).toBe(expected.task_id);
});

/** What the sender makes of them over real sockets is tested there. */
const EXCHANGES: Record<string, Exchange> = {
  'connection refused': { kind: 'not_written', error: 'connect ECONNREFUSED' },
  'host name not found': { kind: 'not_written', error: 'getaddrinfo ENOTFOUND' },
  'TLS certificate refused': { kind: 'not_written', error: 'self-signed certificate' },
  'connect time-out': { kind: 'not_written', error: 'Connect Timeout Error' },
  'connection closed after the request was written, no reply': {
    kind: 'no_reply',
    error: 'other side closed',
  },
  'no reply before the request time-out': { kind: 'no_reply', error: 'no complete reply' },
  'reply headers came, body did not': { kind: 'no_reply', error: 'terminated', status: 200 },
};

test.for(transport)('$name', ({ name, outcome }) => {
  const exchange = EXCHANGES[name];
  if (exchange === undefined) throw new Error('this transport failure is not tried');
  expect(classify(exchange, 1, NONE).outcome).toBe(outcome);
});

test('keeps what is known of a reply that did not come to its end', () => {
  const exchange: Exchange = { kind: 'no_reply', error: 'terminated', status: 500 };
  expect(classify(exchange, 1, NONE)).toMatchObject({
    outcome: 'unconfirmed',
    http_status: 500,
    message: 'terminated',
  });
});

test.for([
  ['a string', '"1972492621368553472"'],
  ['a bare integer', '1972492621368553472'],
] as const)('keeps ids exact that come as %s', ([, id]) => {
  const body = `{"plan_id":${id},"message_id":${id},"total_count":1,"accepted_count":1,
    "schedule_info":{"task_id":${id}}}`;
  expect(classify({ kind: 'reply', status: 200, body }, 1, NONE)).toMatchObject({
    outcome: 'accepted',
    plan_id: '1972492621368553472',
    message_id: '1972492621368553472',
    task_id: '1972492621368553472',
  });
});

test('a field of another type takes no other field with it', () => {
  const body = '{"plan_id":["1"],"total_count":-1,"accepted_count":1,"message":7,"code":0}';
  expect(classify({ kind: 'reply', status: 200, body }, 1, NONE)).toMatchObject({
    outcome: 'accepted',
    accepted_count: 1,
  });
});

test.for([
  ['a count in quotes', '{"code":1000,"accepted_count":"1"}'],
  ['a count of another type', '{"code":1000,"accepted_count":"none"}'],
  ['a count in other digits', '{"code":1000,"accepted_count":"\u0660"}'],
  ['a count with a blank', '{"code":1000,"accepted_count":" 0"}'],
  ['a count with a zero before it', '{"code":1000,"accepted_count":"00"}'],
  ['a count in quotes above 2^53', '{"code":1000,"accepted_count":"9007199254740993"}'],
  ['a count in JSON within a text', '{"code":1000,"body":"{\\"accepted_count\\":1}"}'],
  ['a negative count', '{"code":1000,"accepted_count":-1}'],
  ['a count above 2^53', '{"code":1000,"accepted_count":9007199254740993}'],
  ['a code of another type', '{"code":"E1000","accepted_count":0}'],
  [
    'JSON too deep to read',
    `{"accepted_count":1,"a":${'['.repeat(1e5)}1${']'.repeat(1e5)},"plan_id":1972492621368553472}`,
  ],
] as const)('does not retry where an acceptance may hide behind %s', ([, body]) => {
  expect(classify({ kind: 'reply', status: 500, body }, 1, NONE).outcome).toBe('unconfirmed');
});

const number = fc.oneof(
  fc.integer({ min: -2, max: 3 }).map(String),
  fc.constantFrom('0', '1', '1000', '2001', '3003', '5001', '9999'),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.constantFrom('1e400', '-0', '1.0', '0e0'),
);
/** JSON text of any value, with integers of any size. */
const value = fc.oneof(
  { weight: 3, arbitrary: number },
  fc.constantFrom('"0"', '"2"', '"01"', '"1000"', '"3002"'),
  fc.constantFrom('null', 'true', '""', '"1"', '{}', '[]', '[1]', '{"task_id":1e3}'),
  fc.json(),
);
const field = fc.tuple(
  fc.constantFrom(
    'plan_id',
    'message_id',
    'total_count',
    'accepted_count',
    'code',
    'message',
    'schedule_info',
    '__proto__',
  ),
  value,
);
const object = fc
  .uniqueArray(field, { selector: ([name]) => name, maxLength: 8 })
  .map((fields) => `{${fields.map(([name, text]) => `"${name}":${text}`).join(',')}}`);
const body = fc.oneof(
  { weight: 5, arbitrary: object },
  fc.string({ unit: 'binary' }),
  fc.json(),
  object.map((text) => text.slice(0, text.length >> 1)),
);
const status = fc.oneof(
  fc.constantFrom(200, 201, 204, 301, 302, 400, 401, 403, 408, 429, 500, 502, 503, 504),
  fc.integer({ min: 100, max: 999 }),
);
const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('reply' as const),
      status,
      body,
      retryAfter: fc.option(fc.string(), { nil: undefined }),
    }),
  },
  fc.record({
    kind: fc.constant('unreadable' as const),
    error: fc.string(),
    status: fc.option(status, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('not_written' as const), error: fc.string() }),
  fc.record({
    kind: fc.constant('no_reply' as const),
    error: fc.string(),
    status: fc.option(status, { nil: undefined }),
  }),
);
const overrides: fc.Arbitrary<Overrides> = fc
  .array(
    fc.tuple(
      fc.oneof(
        status.filter((each) => each >= 300),
        fc.constantFrom(1, 1000, 2001, 3003, 5001),
      ),
      fc.constantFrom('retry' as const, 'rejected' as const, 'unconfirmed' as const),
    ),
    { maxLength: 5 },
  )
  .map((rules) => new Map(rules));
const sent = fc.integer({ min: 1, max: 3 });

describe('whatever comes back', () => {
  test('is one of the outcomes, and nothing throws', () => {
    fc.assert(
      fc.property(exchange, sent, overrides, (seen, count, rules) => {
        const verdict = classify(seen, count, rules);
        expect(OUTCOMES).toContain(verdict.outcome);
        expect(['engagelab', 'another', undefined]).toContain(verdict.writer);
        for (const id of [verdict.plan_id, verdict.message_id, verdict.task_id]) {
          expect(['string', 'undefined']).toContain(typeof id);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('is not sent again where something may have been accepted', () => {
    const accepted = fc.oneof(
      fc.integer({ min: 1 }).map(String),
      fc.bigInt({ min: 1n }).map(String),
    );
    fc.assert(
      fc.property(
        object,
        accepted,
        status,
        sent,
        overrides,
        (text, count, code, numbers, rules) => {
          // of a name that stands twice JSON takes the last
          const withCount = text.replace(
            /}$/,
            `${text === '{}' ? '' : ','}"accepted_count":${count}}`,
          );
          const seen: Exchange = { kind: 'reply', status: code, body: withCount };
          const { outcome } = classify(seen, numbers, rules);
          expect(outcome).not.toBe('retry');
          expect(outcome).not.toBe('throttled');
          expect(outcome).not.toBe('unauthorized');
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('is accepted only as a 2xx that accepts as many as were sent', () => {
    fc.assert(
      fc.property(exchange, sent, overrides, (seen, count, rules) => {
        const verdict = classify(seen, count, rules);
        const { outcome, accepted_count: accepted = -1, http_status: code = 0 } = verdict;
        if (outcome !== 'accepted' && outcome !== 'shortfall') return;
        expect(code >= 200 && code < 300).toBe(true);
        expect((verdict.code ?? 0) === 0).toBe(true);
        if (outcome === 'accepted') expect(accepted).toBe(count);
        else expect(accepted).toBeLessThan(count);
      }),
      { numRuns: 3000 },
    );
  });
});

test('the text of a reply is handed on where it was not understood, and nowhere else', () => {
  const unclear = (status: number, body: string) =>
    classify({ kind: 'reply', status, body }, 1, NONE).unclear;
  for (const [status, body] of [
    [200, '<html>ok</html>'],
    [200, '{}'],
    [200, '{"plan_id":"1"'],
    [500, '{"code":10'],
    [500, '{"data":{"accepted_count":1}}'],
    [404, '<html>404</html>'],
    [400, '<html>400</html>'],
    [403, 'Access denied'],
  ] as const)
    expect(unclear(status, body), body).toBe(body);
  for (const [status, body] of [
    [200, '{"accepted_count":1}'],
    [200, '{"accepted_count":2}'],
    [404, '{"code":4001,"message":"template not found"}'],
    [502, '<html>502</html>'],
    [429, 'slow down'],
    [408, 'too late'],
    [302, ''],
  ] as const)
    expect(unclear(status, body), body).toBeUndefined();
});

describe('what cannot be read proves nothing, whatever its status and the settings', () => {
  const rules: Overrides = new Map([500, 429, 408, 400, 401].map((at) => [at, 'retry']));
  test.for([
    ['half of some JSON', '{"plan_id":"1","accepted_c', undefined],
    ['the same behind a mark', '\ufeff {"plan_id":"1","accepted_c', undefined],
    ['the same in UTF-16', '\0{\0"\0p\0l\0a\0n', undefined],
    ['a list that breaks off', '[{"accepted_count":1}', undefined],
    ['a page that is said to be JSON', '<html>502</html>', 'application/json; charset=utf-8'],
    ['nothing, said to be JSON', '', 'application/problem+json'],
  ] as const)('%s', ([, body, contentType]) => {
    for (const status of [500, 429, 408, 400, 401, 200]) {
      const seen: Exchange = { kind: 'reply', status, body, contentType };
      expect(classify(seen, 1, rules).outcome).toBe('unconfirmed');
    }
  });

  test.for([
    '{"data":{"plan_id":"1","accepted_count":1}}',
    '[{"accepted_count": 1}]',
    '{"accepted_count":1,"accepted_count":0}',
    '<pre>{"plan_id":"1","accepted_count":1}</pre>',
  ])('nor does a count that stands somewhere else: %s', (body) => {
    expect(classify({ kind: 'reply', status: 500, body }, 1, rules).outcome).toBe('unconfirmed');
  });

  test.for([
    '{"data":{"accepted_count":0}}',
    '{ "code": 1000, "accepted_count": 0 }',
    '{"code":"1000","accepted_count" : "0"}',
    '{"data": {"accepted_count": 0}}',
    '{"data":"{\\"accepted_count\\": 0}"}',
    '[]',
    '"upstream failed"',
    'null',
    '502 Bad Gateway',
    '<html>502</html>',
    '',
  ])('while this says that nothing was accepted: %s', (body) => {
    expect(classify({ kind: 'reply', status: 502, body }, 1, NONE).outcome).toBe('retry');
  });
});

describe('settings', () => {
  const reply = (code: number, httpStatus: number, accepted = 0): Exchange => ({
    kind: 'reply',
    status: httpStatus,
    body: `{"code":${code},"accepted_count":${accepted}}`,
  });

  test('turn a code into another outcome', () => {
    const rules: Overrides = new Map([[5001, 'retry']]);
    expect(classify(reply(5001, 400), 1, rules).outcome).toBe('retry');
    expect(classify(reply(5001, 400, 1), 1, rules).outcome).toBe('unconfirmed');
    expect(classify(reply(3003, 400), 1, rules).outcome).toBe('rejected');
  });

  test('turn a status into another outcome', () => {
    const rules: Overrides = new Map([[504, 'unconfirmed']]);
    expect(classify({ kind: 'reply', status: 504, body: '' }, 1, rules).outcome).toBe(
      'unconfirmed',
    );
    expect(classify({ kind: 'reply', status: 503, body: '' }, 1, rules).outcome).toBe('retry');
  });

  test('of a code stand above those of its status', () => {
    const rules: Overrides = new Map([
      [5001, 'retry'],
      [400, 'unconfirmed'],
    ]);
    expect(classify(reply(5001, 400), 1, rules).outcome).toBe('retry');
    expect(classify(reply(3003, 400), 1, rules).outcome).toBe('unconfirmed');
  });

  test('change what they say and nothing else', () => {
    fc.assert(
      fc.property(exchange, sent, overrides, (seen, count, rules) => {
        const plain = classify(seen, count, NONE);
        const { outcome, ...rest } = classify(seen, count, rules);
        expect(rest).toEqual({ ...plain, outcome: undefined });
        const said = rules.get(plain.code ?? Number.NaN) ?? rules.get(plain.http_status ?? 0);
        const isUnread = plain.message === 'a reply that cannot be read';
        if (said === undefined || seen.kind !== 'reply') expect(outcome).toBe(plain.outcome);
        else if (isUnread) expect(outcome).toBe('unconfirmed');
        else if (said === 'retry') expect(['retry', 'unconfirmed']).toContain(outcome);
        else expect(outcome).toBe(said);
      }),
      { numRuns: 3000 },
    );
  });
});
