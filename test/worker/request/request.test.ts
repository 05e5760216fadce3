import { describe, expect, test } from 'vitest';
import { Request } from '../../../src/shared/contract.ts';
import type { Job } from '../../../src/shared/job.ts';
import { buildRequest } from '../../../src/worker/request/request.ts';

const NOW = Date.UTC(2030, 0, 1);
const JOB: Job = {
  v: 1,
  campaign: 'black-friday',
  template: 'promo',
  on_unconfirmed: 'park',
  params: ['name', 'code'],
  messages: [
    [
      ['+6591234567', '+6598765432'],
      ['Ada', '1'],
    ],
  ],
};
const TO = '+6591234567';

function build(changes: Partial<Job>, message: Job['messages'][number] = [[TO], ['Ada', '1']]) {
  const { text, note } = buildRequest({ ...JOB, ...changes }, message, NOW);
  const body: unknown = JSON.parse(text);
  Request.parse(body);
  return { body, note };
}

test('the body is as the vendor wants it', () => {
  expect(build({}, JOB.messages[0])).toEqual({
    body: {
      to: ['+6591234567', '+6598765432'],
      template: { id: 'promo', params: { name: 'Ada', code: '1' } },
      plan_name: 'black-friday',
    },
    note: undefined,
  });
});

test('no params are an empty object', () => {
  const { body } = build({ params: [], plan_name: 'Sale', custom_args: { order: 7 } }, [[TO], []]);
  expect(body).toEqual({
    to: [TO],
    template: { id: 'promo', params: {} },
    plan_name: 'Sale',
    custom_args: { order: 7 },
  });
});

test('no param is lost, whatever its name', () => {
  const { text } = buildRequest({ ...JOB, params: ['__proto__', '7'] }, [[TO], ['a', 'b']], NOW);
  expect(text).toContain('"params":{"7":"b","__proto__":"a"}');
});

describe('a schedule', () => {
  const inSeconds = (seconds: number) => build({ schedule_time: NOW / 1000 + seconds });

  test('more than 3 minutes ahead stays', () => {
    const { body, note } = inSeconds(181);
    expect(body).toMatchObject({ schedule_time: NOW / 1000 + 181 });
    expect(note).toBeUndefined();
  });

  test.for([180, 10, 0, -3600])('%i s ahead is dropped, and the ledger says so', (seconds) => {
    const { body, note } = inSeconds(seconds);
    expect(body).not.toHaveProperty('schedule_time');
    expect(note).toMatch(/sent at once: schedule_time was less than 3 minutes ahead/);
  });
});
