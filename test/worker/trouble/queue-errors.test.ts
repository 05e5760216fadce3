import { expect, test } from 'vitest';
import { kindOf, wordsFor } from '../../../src/worker/trouble/queue-errors.ts';

const withCode = (words: string, code: string | number) =>
  Object.assign(new Error(words), { code });

test.each([
  ['unreadable', new SyntaxError('Unexpected token')],
  ['connection', new Error('Connection is closed.')],
  ['connection', withCode('connect ECONNREFUSED 127.0.0.1:6379', 'ECONNREFUSED')],
  ['connection', withCode('read ECONNRESET', 'ECONNRESET')],
  ['connection', new Error("Socket timeout. Expecting data, but didn't receive any in 15000ms.")],
  ['connection', new Error('UNBLOCKED force unblock from blocking operation')],
  ['job', withCode('Missing lock for job spring-0000001. moveToFinished', -2)],
  ['job', new Error('could not renew lock for job spring-0000001')],
  ['queue', new Error("NOPERM this user has no permissions to run the 'bzpopmin' command")],
  ['queue', new Error("ERR unknown command 'bzpopmin'")],
  ['queue', new Error("READONLY You can't write against a read only replica.")],
] as const)('%s: %s', (kind, error) => {
  expect(kindOf(error)).toBe(kind);
});

test('the words are the same for every job', () => {
  for (const job of ['spring-0000001', 'v1.2-0000002', 'n-mwzb6vq1-afdd02e400']) {
    const words = [
      `Missing lock for job ${job}. moveToFinished`,
      `Job ${job} is not in the active state. retryJob`,
      `could not renew lock for job ${job}`,
    ];
    expect(words.map((each) => wordsFor(new Error(each)))).toEqual([
      'Missing lock for a job. moveToFinished',
      'a job is not in the active state. retryJob',
      'could not renew lock for a job',
    ]);
  }
});

test('what Redis quotes of a command shows no number, and is cut short', () => {
  const quoted = `'+65 9123 4567' ${"'more' ".repeat(100)}`;
  const words = wordsFor(
    new Error(`ERR unknown command 'evalsha', args beginning with: ${quoted}`),
  );
  expect(words).toContain("unknown command 'evalsha'");
  expect(words).toContain('+65****4567');
  expect(words).not.toContain('9123');
  expect(words.length).toBeLessThanOrEqual(200);
});
