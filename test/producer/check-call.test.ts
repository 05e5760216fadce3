/** Every public call of a producer with what it cannot take: each is refused in words, and none throws anything else. */
import { expect, onTestFinished, test } from 'vitest';
import { createProducer, type Producer } from '../../src/producer/producer.ts';
import { VolleyError } from '../../src/shared/errors.ts';
import { redisUrl, testPrefix } from '../support/redis.ts';

/** As plain JavaScript calls it: the compiler would not let these through. */
type Call = (...args: readonly unknown[]) => unknown;

function openProducer(): Producer {
  const producer = createProducer({ redis: redisUrl(), prefix: testPrefix() });
  onTestFinished(() => producer.close());
  return producer;
}

function callOf(owner: object, name: string): Call {
  const call: unknown = Reflect.get(owner, name);
  if (typeof call !== 'function') throw new Error(`no call ${name}`);
  return (...args) => Reflect.apply(call, owner, args);
}

/** What it throws, a stream of it read to its end; undefined where it throws nothing. */
async function thrownBy(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    const result: unknown = await call(...args);
    if (Symbol.asyncIterator in Object(result)) for await (const _each of Object(result));
    return undefined;
  } catch (error) {
    return error;
  }
}

class Box {
  own = 1;
}

const ODD: readonly unknown[] = [
  ...[undefined, null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, true, 10n, Symbol('odd')],
  ...['', ' ', 'no-such', '__proto__', '\ud800', 'x'.repeat(100_000)],
  ...[[], [null], [1], {}, { no_such: 1 }, new Box(), new Map([['to', 1]]), new Date(Number.NaN)],
  ...[() => 1, Promise.resolve(1), Buffer.from('x'), new URL('redis://localhost')],
];

const SOURCE = { rows: [{ to: '+6590000001', params: {} }] };
const [SEND, NUMBERS] = [{ template: 'promo', campaign: 'spring' }, ['+6590000001']];
const IMPORT = { bytes: Buffer.from('+6590000001'), name: 'numbers' };

/** What each call takes first, so that the next may be odd. */
const GIVEN: Record<string, readonly unknown[]> = {
  send: [SOURCE, SEND],
  dryRun: [SOURCE, SEND],
  notify: [{ to: '+6590000001', template: 'otp' }],
  status: ['spring'],
  campaigns: [],
  audit: ['spring', {}],
  replay: ['spring', {}],
  verify: ['spring'],
  pause: ['spring'],
  resume: ['spring', {}],
  cancel: ['spring'],
  forget: ['spring'],
  rate: [{ rate: 10 }],
  hold: ['a drill'],
  release: ['operator'],
};
const ON_LIST: Record<string, readonly unknown[]> = {
  add: [NUMBERS, {}],
  remove: [NUMBERS, {}],
  check: [NUMBERS, {}],
  count: [],
  import: [IMPORT, {}],
};

function publicCalls(owner: object): string[] {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(owner));
  return names.filter((name) => name !== 'constructor' && name !== 'close');
}

test('no call throws anything but an error of ours, whatever it is given', async () => {
  const producer = openProducer();
  expect(publicCalls(producer).sort()).toEqual(Object.keys(GIVEN).sort());
  expect(publicCalls(producer.suppress).sort()).toEqual(Object.keys(ON_LIST).sort());
  for (const [owner, calls] of [
    [producer, GIVEN],
    [producer.suppress, ON_LIST],
  ] as const) {
    for (const [name, given] of Object.entries(calls)) {
      for (const place of given.keys()) {
        for (const odd of ODD) {
          const args = given.with(place, odd);
          const error = await thrownBy(callOf(owner, name), args.slice(0, place + 1));
          const about = `${name}, argument ${place}: ${String(odd).slice(0, 20)}: ${error}`;
          if (error === undefined) continue;
          expect(error, about).toBeInstanceOf(VolleyError);
          expect(error, about).toMatchObject({
            code: expect.stringMatching(/bad_input|not_found/),
          });
        }
      }
    }
  }
});

test.each([
  ['send', [SOURCE], 'the options: expected {campaign, template, …}, got none'],
  ['dryRun', [SOURCE], 'the options: expected {campaign, template, …}, got none'],
  ['dryRun', [SOURCE, null], 'the options: expected {campaign, template, …}, got null'],
  [
    'send',
    [SOURCE, { ...SEND, startsAt: 1 }],
    'startsAt: there is no such option; did you mean startAt?',
  ],
  [
    'send',
    [SOURCE, { ...SEND, dedupe: true }],
    'dedupe: there is no such option; expected some of ',
  ],
  ['notify', [{ To: '+6590000001' }], 'To: there is no such option; did you mean to?'],
  [
    'replay',
    ['spring', { state: ['rejected'] }],
    'state: there is no such option; did you mean states?',
  ],
  ['replay', ['spring', ['rejected']], 'the options: expected {states, codes, …}, got an array'],
  [
    'audit',
    ['spring', { state: ['rejected'] }],
    'state: there is no such option; did you mean states?',
  ],
  ['rate', [50], 'the options: expected {rate, recipientRate}, got 50'],
  ['rate', [{ rates: 50 }], 'rates: there is no such option; did you mean rate?'],
  [
    'release',
    ['operater'],
    'the reason: expected throttled or outage or unauthorized or operator or far_end, got "operater"',
  ],
  ['hold', [10n], 'why: expected a text, got 10'],
  ['pause', [undefined], 'the id: expected that of a campaign, got none'],
] as const)('%s says what is wrong with what it was given', async (name, args, words) => {
  const error = await thrownBy(callOf(openProducer(), name), args);
  expect(error).toMatchObject({ code: 'bad_input', message: expect.stringContaining(words) });
});

test.each([
  ['redis://:secret@localhost', 'got a text; {redis: …} takes a URL'],
  [null, 'got null'],
  [['redis://localhost'], 'got an array'],
  [{ url: 'redis://localhost' }, 'url: expected one of redis, prefix'],
  [{ redis: null }, 'redis: expected a text or a number, got null'],
  [{ redis: new URL('redis://localhost') }, 'redis: expected a text or a number, got a URL'],
])('createProducer(%o) is refused, and shows no password', (given, words) => {
  const make = callOf({ createProducer }, 'createProducer');
  expect(() => make(given)).toThrow(expect.objectContaining({ code: 'bad_config' }));
  expect(() => make(given)).toThrow(words);
  expect(() => make(given)).not.toThrow('secret');
});

test('options may be an instance of a class, and what is undefined is not given', async () => {
  class Options {
    template = 'promo';
    campaign = 'spring';
    constants = undefined;
    noSuch = undefined;
  }
  const run = await openProducer().dryRun(SOURCE, new Options());
  expect(run).toMatchObject({ campaign: 'spring', totals: { recipients: 1 } });
  expect(run.problem).toBeUndefined();
});
