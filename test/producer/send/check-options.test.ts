/** Options that a program of plain JavaScript, or an empty environment variable, may give: refused, and nothing is laid. */
import { expect, test } from 'vitest';
import { createProducer, type Producer } from '../../../src/producer/producer.ts';
import { openFleet, people } from '../../support/fleet.ts';
import { redisUrl, testPrefix } from '../../support/redis.ts';

const GOOD = { template: 'promo', campaign: 'spring' };

async function refusal(call: 'send' | 'dryRun' | 'notify', ...args: unknown[]): Promise<unknown> {
  await using producer: Producer = createProducer({ redis: redisUrl(), prefix: testPrefix() });
  const calling: Promise<unknown> = Reflect.apply(producer[call], producer, args);
  return calling.then(
    () => new Error('not refused'),
    (error: unknown) => error,
  );
}

test.each<[string, object, string]>([
  ['an empty template', { template: '' }, 'template: expected EngageLab\'s id of it, got ""'],
  ['a blank template', { template: ' ' }, 'template: expected'],
  ['no template', { template: undefined }, "template: expected EngageLab's id of it, got none"],
  ['a number for a template', { template: 7 }, "template: expected EngageLab's id of it, got 7"],
  ['an empty id', { campaign: '' }, 'campaign: expected a text that is not empty, got ""'],
  ['an empty country', { country: '' }, 'country: expected a text that is not empty, got ""'],
  ['an empty plan name', { planName: '' }, 'planName: expected'],
  ['an empty text', { templateText: '' }, 'templateText: expected'],
  ['an empty column', { phoneColumn: '' }, 'phoneColumn: expected'],
  ['an empty constant', { constants: { code: '' } }, 'constants.code: expected a value (an empty'],
  ['a number for a constant', { constants: { code: 7 } }, 'constants.code: expected a text, got 7'],
  ['a Map of constants', { constants: new Map([['a', 'b']]) }, 'constants: .*, got a Map'],
  [
    'params as one text',
    { params: 'name' },
    "params: expected an array of names, or 'all', got \"",
  ],
  ['a share in per cent', { maxInvalid: 10 }, 'maxInvalid: expected a share from 0 to 1, got 10'],
  ['no share', { maxInvalid: Number.NaN }, 'maxInvalid: expected a share from 0 to 1, got NaN'],
  ['a text for a switch', { again: 'false' }, 'again: expected true or false, got "false"'],
  ['custom args as a text', { customArgs: 'a=b' }, 'customArgs: expected an object'],
  [
    'a signal that is none',
    { signal: new AbortController() },
    'signal: .*, got an AbortController',
  ],
  ['a callback that is none', { confirm: true }, 'confirm: expected a function, got true'],
  ['a Date', { startAt: new Date() }, 'start-at: expected Unix ms, got a Date'],
])('%s', async (_what, options, words) => {
  for (const call of ['send', 'dryRun'] as const) {
    const error = await refusal(call, { rows: people(3) }, { ...GOOD, ...options });
    expect(error).toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(asPattern(words)),
    });
  }
});

test('no options, no list', async () => {
  expect(await refusal('send', { rows: people(3) })).toMatchObject({ code: 'bad_input' });
  expect(await refusal('send', 'list.csv', GOOD)).toMatchObject({
    code: 'bad_input',
    message: expect.stringContaining('{path: …} reads a file'),
  });
  expect(await refusal('send', undefined, GOOD)).toMatchObject({ code: 'bad_input' });
  expect(await refusal('notify')).toMatchObject({ code: 'bad_input' });
  expect(await refusal('notify', { to: '+6591234567', template: ' ' })).toMatchObject({
    message: 'template: expected an id, got " "',
  });
});

test('an empty constant that is meant is sent', async () => {
  const { send } = await openFleet();
  const sent = await send('asked', people(3), { constants: { code: '' }, allowEmpty: true });
  expect(sent).toMatchObject({ released: true, recipients: 3 });
});

/** `.*` stands for anything, all else for itself. */
function asPattern(words: string): RegExp {
  const parts = words.split('.*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}`);
}
