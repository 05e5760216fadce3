import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { parseJsonExactly, Reply } from '../../src/shared/contract.ts';
import { basic, call, order, post } from './client.ts';

const NOW = Date.UTC(2030, 0, 1, 0, 0, 0, 500);
const NOW_S = Math.floor(NOW / 1000);

describe('what is accepted', () => {
  test('one number gets a message_id, several do not', async () => {
    await using sandbox = await startSandbox();
    const one = JSON.parse((await post(sandbox, order('promo'))).text);
    expect(one).toEqual({
      plan_id: expect.stringMatching(/^\d{19}$/),
      total_count: 1,
      accepted_count: 1,
      message_id: expect.stringMatching(/^\d{19}$/),
    });
    const two = JSON.parse((await post(sandbox, order('promo', 2))).text);
    expect(two).toEqual({ plan_id: expect.any(String), total_count: 2, accepted_count: 2 });
  });

  test('task_id is a bare integer that JSON.parse would spoil', async () => {
    await using sandbox = await startSandbox({ now: () => NOW });
    let spoilt = 0;
    for (let each = 0; each < 20; each += 1) {
      const { text } = await post(sandbox, order('promo', 2, { schedule_time: NOW_S + 3600 }));
      const digits = /"schedule_info":\{"task_id":(\d{19})\}\}$/.exec(text)?.[1];
      expect(Reply.parse(parseJsonExactly(text)).schedule_info?.task_id).toBe(digits);
      if (String(JSON.parse(text).schedule_info.task_id) !== digits) spoilt += 1;
    }
    expect(spoilt).toBeGreaterThan(10);
    expect(sandbox.stats()).toMatchObject({ texts: 40, scheduled: 40 });
  });

  test('ids are unique and grow', async () => {
    await using sandbox = await startSandbox();
    const ids: string[] = [];
    for (let each = 0; each < 50; each += 1) {
      const { plan_id, message_id } = JSON.parse((await post(sandbox, order('promo'))).text);
      ids.push(plan_id, message_id);
    }
    expect(new Set(ids).size).toBe(100);
    expect(ids.toSorted()).toEqual(ids);
  });

  test('everything optional, numbers without +, and text beyond ASCII', async () => {
    await using sandbox = await startSandbox();
    const params = { name: '王小明', emoji: '📱' };
    const more = { plan_name: '-', custom_args: { a: 1 } };
    const body = { to: ['923700056581'], template: { id: '1233', params }, ...more };
    expect((await post(sandbox, body)).status).toBe(200);
    expect(sandbox.textsTo('+923700056581')).toMatchObject({ count: 1, params });
  });

  test('a body in many pieces', async () => {
    await using sandbox = await startSandbox();
    expect((await post(sandbox, order('promo', 20_000))).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ texts: 20_000, numbers: 20_000, most_texts: 1 });
  });
});

describe('credentials', () => {
  const CASES: [string, string | undefined, number, number?][] = [
    ['the pair', basic('k', 's'), 200],
    ['a further pair', basic('k2', 's2'), 200],
    ['the scheme in small letters', basic('k', 's').replace('Basic', 'basic'), 200],
    ['none', undefined, 401, 2001],
    ['a wrong secret', basic('k', 'x'), 401, 2001],
    ['the default pair, where another is set', basic('sandbox', 'sandbox'), 401, 2001],
    ['another scheme', 'Bearer abc', 401, 2001],
    ['a disabled key', basic('disabled', 's'), 401, 2002],
    ['a forbidden key', basic('forbidden', 's'), 403, 2004],
  ];
  test.for(CASES)('%s', async ([, authorization, status, code]) => {
    const credentials = [{ key: 'k2', secret: 's2' }];
    await using sandbox = await startSandbox({ key: 'k', secret: 's', credentials });
    const answer = await call(sandbox, 'POST', '/v1/messages', JSON.stringify(order('promo')), {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).code).toBe(code);
    expect(sandbox.stats()).toMatchObject({
      texts: status === 200 ? 1 : 0,
      unauthorized: status === 401 ? 1 : 0,
    });
  });
});

const good = order('promo');
const { to, template } = good;
const at = (schedule_time: unknown) => ({ ...good, schedule_time });

/** What is wrong, the body, the code, and what its message says. */
const REFUSED: [string, unknown, number, string?][] = [
  ['no JSON', '{"to":', 3001],
  ['nothing', '', 3001],
  ['a list', [], 3001],
  ['null', 'null', 3001],
  ['no to', { template }, 3002, 'to must'],
  ['to is a string', { to: to[0], template }, 3002, 'to must'],
  ['to is empty', { to: [], template }, 3002, 'to must'],
  ['to holds an integer', { to: [6_591_234_567], template }, 3002, 'to must'],
  ['no template', { to }, 3002, 'template must'],
  ['template is a string', { to, template: 'promo' }, 3002, 'template must'],
  ['no template.id', { to, template: { params: {} } }, 3002, 'template.id'],
  ['template.id is an integer', { to, template: { id: 1233, params: {} } }, 3002, 'template.id'],
  ['no template.params', { to, template: { id: 'promo' } }, 3002, 'template.params'],
  ['params is a list', { to, template: { id: 'promo', params: [] } }, 3002, 'template.params'],
  ['plan_name is an integer', { ...good, plan_name: 1 }, 3002, 'plan_name'],
  ['custom_args is a string', { ...good, custom_args: 'x' }, 3002, 'custom_args'],
  ['schedule_time is a string', at(String(NOW_S + 3600)), 3002, 'schedule_time'],
  ['schedule_time has a fraction', at(NOW_S + 3600.5), 3002, 'schedule_time'],
  ['schedule_time is 0', at(0), 3003, 'positive'],
  ['schedule_time is in 3 minutes less a part', at(NOW_S + 180), 3003, 'at least 3 minutes'],
  ['schedule_time is beyond 30 days', at(NOW_S + 30 * 86_400 + 1), 3003, 'at most 30 days'],
  ['a number with spaces', { to: ['+65 9123 4567'], template }, 3003, 'phone number'],
  ['a number with letters', { to: ['+65abcdefgh'], template }, 3003, 'phone number'],
  ['a number too short', { to: [...to, '+659'], template }, 3003, 'phone number'],
  ['a bad number', { to: [...to, '6599999999'], template }, 3003, 'phone number'],
  ['a missing template', order('missing-one'), 4001, 'template'],
  ['types go before rules', { to: ['x'], template: {} }, 3002],
  ['rules go before the template', { ...order('missing-one'), schedule_time: 1 }, 3003],
];

describe('validation', () => {
  test.for(REFUSED)('%s', async ([, body, code, words]) => {
    const faults = { bad_numbers: new Set(['+6599999999']) };
    await using sandbox = await startSandbox({ now: () => NOW, faults });
    const answer = await post(sandbox, body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      plan_id: expect.stringMatching(/^\d{19}$/),
      total_count: expect.any(Number),
      accepted_count: 0,
      code,
      message: expect.stringContaining(words ?? ''),
    });
    expect(sandbox.stats()).toMatchObject({ texts: 0, answers: { [code]: 1 } });
  });

  test('the first and the last second that can be scheduled', async () => {
    await using sandbox = await startSandbox({ now: () => NOW_S * 1000 });
    const status = async (ahead: number) => (await post(sandbox, at(NOW_S + ahead))).status;
    expect(await status(180)).toBe(400);
    expect(await status(181)).toBe(200);
    expect(await status(30 * 86_400)).toBe(200);
    expect(await status(30 * 86_400 + 1)).toBe(400);
  });

  test('templates can be restricted; faults stay', async () => {
    await using sandbox = await startSandbox({ templates: ['promo', 'missing-not'] });
    expect((await post(sandbox, order('promo'))).status).toBe(200);
    expect((await post(sandbox, order('missing-not'))).status).toBe(200);
    expect((await post(sandbox, order('503'))).status).toBe(503);
    expect((await post(sandbox, order('other'))).status).toBe(400);
  });

  test('credentials go before JSON', async () => {
    await using sandbox = await startSandbox();
    const answer = await post(sandbox, '{', { authorization: basic('x', 'y') });
    expect(JSON.parse(answer.text).code).toBe(2001);
  });

  test('Content-Type must be JSON, the method POST, the path known', async () => {
    await using sandbox = await startSandbox();
    expect((await post(sandbox, good, { 'content-type': 'text/plain' })).status).toBe(400);
    expect(
      (await post(sandbox, good, { 'content-type': 'application/json; charset=utf-8' })).status,
    ).toBe(200);
    expect((await call(sandbox, 'GET', '/v1/messages')).status).toBe(405);
    expect((await call(sandbox, 'POST', '/v2/messages', '{}')).status).toBe(404);
  });
});
