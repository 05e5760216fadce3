import { expect, test } from 'vitest';
import * as z from 'zod';
import { Job, messageName } from '../../src/shared/job.ts';

const GOOD = {
  v: 1,
  campaign: 'black-friday',
  template: 'promo',
  on_unconfirmed: 'park',
  params: ['name', 'code'],
  messages: [
    [['+6591234567'], ['Ada', '1']],
    [
      ['+6598765432', '+6591111111'],
      ['', ''],
    ],
  ],
};

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_none, at) => `+${6_590_000_000 + at}`);
}

test('a good job is read as it is', () => {
  expect(Job.parse(GOOD)).toEqual(GOOD);
  const full = {
    ...GOOD,
    plan_name: 'Black Friday',
    schedule_time: 1_790_000_000,
    custom_args: { order: { id: 7 }, tags: [null] },
    not_after: 1_790_000_000_000,
    on_unconfirmed: 'resend',
  };
  expect(Job.parse(full)).toEqual(full);
});

test('fields of a later time are left out, not refused', () => {
  expect(Job.parse({ ...GOOD, sentiment: 'merry' })).toEqual(GOOD);
});

/** What is changed, and where the refusal points. */
const BAD: [string, Record<string, unknown>, string][] = [
  ['another version', { v: 2 }, 'v'],
  ['a version as text', { v: '1' }, 'v'],
  ['no campaign', { campaign: undefined }, 'campaign'],
  ['a campaign in capitals', { campaign: 'Black' }, 'campaign'],
  ['a campaign of 65 letters', { campaign: 'a'.repeat(65) }, 'campaign'],
  ['a campaign that would break its keys', { campaign: 'a}b' }, 'campaign'],
  ['no template', { template: '' }, 'template'],
  ['a plan name that is none', { plan_name: 7 }, 'plan_name'],
  ['a schedule in the past of time', { schedule_time: -1 }, 'schedule_time'],
  ['half a second', { schedule_time: 1.5 }, 'schedule_time'],
  ['custom args that are a list', { custom_args: [] }, 'custom_args'],
  ['a date for a number', { not_after: '2030-01-01T00:00:00Z' }, 'not_after'],
  ['no word on what is unconfirmed', { on_unconfirmed: undefined }, 'on_unconfirmed'],
  ['a word that is not known', { on_unconfirmed: 'drop' }, 'on_unconfirmed'],
  ['a param without a name', { params: ['name', ''] }, 'params.1'],
  ['no messages', { messages: [] }, 'messages'],
  ['101 messages', { messages: Array(101).fill([['+6591234567'], ['', '']]) }, 'messages'],
  ['a message to nobody', { messages: [[[], ['', '']]] }, 'messages.0.0'],
  ['a number without its plus', { messages: [[['6591234567'], ['', '']]] }, 'messages.0.0.0'],
  ['a number of 16 digits', { messages: [[['+1234567890123456'], ['', '']]] }, 'messages.0.0.0'],
  ['a value too few', { messages: [[['+6591234567'], ['Ada']]] }, 'messages.0.1'],
  ['a value too many', { messages: [[['+6591234567'], ['', '', '']]] }, 'messages.0.1'],
  ['a value that is a number', { messages: [[['+6591234567'], ['', 1]]] }, 'messages.0.1.1'],
  ['a message of three parts', { messages: [[['+6591234567'], ['', ''], 1]] }, 'messages.0'],
  [
    'more numbers together than a job may have',
    {
      messages: [
        [numbers(600), ['', '']],
        [numbers(401), ['', '']],
      ],
    },
    'messages',
  ],
];

test.for(BAD)('%s is refused', ([, change, path]) => {
  const parsed = Job.safeParse({ ...GOOD, ...change });
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

test('a single message may be as large as it likes', () => {
  const one = { ...GOOD, messages: [[numbers(1500), ['', '']]] };
  expect(Job.safeParse(one).success).toBe(true);
  const full = {
    ...GOOD,
    messages: [
      [numbers(600), ['', '']],
      [numbers(400), ['', '']],
    ],
  };
  expect(Job.safeParse(full).success).toBe(true);
});

test('a refusal says what was expected, and quotes no number', () => {
  const parsed = Job.safeParse({ ...GOOD, messages: [[['87654321'], ['Ada']]] });
  const text = parsed.error ? z.prettifyError(parsed.error) : '';
  expect(text).toContain('expected a number in E.164');
  expect(text).not.toContain('87654321');
});

test('a message has a name', () => {
  expect(messageName('black-friday-0000012', 7)).toBe('black-friday-0000012.7');
});
