import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RequestInfo, startSandbox } from '../../src/sandbox/index.ts';
import { Texts } from '../../src/sandbox/texts.ts';
import { order, post, raw } from './client.ts';

const [ADA, BOB, CYN] = ['+6590000001', '+6590000002', '+6590000003'];

describe('texts', () => {
  test('counts each number, with the last template and params', async () => {
    await using sandbox = await startSandbox();
    await post(sandbox, order('promo', 2));
    await post(sandbox, { to: [ADA, ADA.slice(1)], template: { id: 'alert', params: { a: '1' } } });
    const params = { name: 'Ada' };
    expect([...sandbox.texts()]).toEqual([
      { to: ADA, count: 3, template: 'alert', params: { a: '1' }, changed: true },
      { to: BOB, count: 1, template: 'promo', params, changed: false },
    ]);
    expect(sandbox.textsTo(CYN)).toBeUndefined();
    expect(sandbox.stats()).toMatchObject({
      requests: 2,
      texts: 4,
      numbers: 2,
      most_texts: 3,
      texted_again: 1,
      texted_differently: 1,
      answers: { ok: 2 },
    });
  });

  test('the same params in another order are no change', async () => {
    await using sandbox = await startSandbox();
    await post(sandbox, { to: [ADA], template: { id: 'promo', params: { a: '1', b: '2' } } });
    await post(sandbox, { to: [ADA], template: { id: 'promo', params: { b: '2', a: '1' } } });
    expect(sandbox.stats()).toMatchObject({ texted_again: 1, texted_differently: 0 });
    await post(sandbox, { to: [ADA], template: { id: 'promo', params: { b: '2', a: '3' } } });
    expect(sandbox.stats()).toMatchObject({ texted_again: 1, texted_differently: 1 });
  });

  test('only those accepted count, the first ones of the request', async () => {
    await using sandbox = await startSandbox();
    await post(sandbox, order('partial', 3));
    await post(sandbox, order('3003-accepted', 3));
    await post(sandbox, order('1000', 3));
    const counts = [ADA, BOB, CYN].map((number) => sandbox.textsTo(number)?.count ?? 0);
    expect(counts).toEqual([2, 1, 0]);
  });

  test('a request that stops half-way is not one', async () => {
    await using sandbox = await startSandbox();
    const socket = connect(sandbox.port, sandbox.host);
    socket.write('POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{"to":');
    while (sandbox.stats().in_flight === 0) await setImmediate();
    socket.destroy();
    while (sandbox.stats().in_flight > 0) await setImmediate();
    expect(sandbox.stats()).toMatchObject({ requests: 1, texts: 0, answers: { aborted: 1 } });
  });

  test('agrees with a Map, growing as it goes', () => {
    const number = fc.integer({ min: 1_000_000, max: 1_000_400 });
    const far = fc.integer({ min: 10 ** 14, max: 10 ** 15 - 1 });
    const keys = fc.array(fc.oneof(number, far), { minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(keys, (list) => {
        const texts = new Texts();
        const expected = new Map<string, number>();
        for (const key of list) {
          texts.add([key], 1, 'promo', '{}');
          expected.set(`+${key}`, (expected.get(`+${key}`) ?? 0) + 1);
        }
        expect(new Map(Array.from(texts, ({ to, count }) => [to, count]))).toEqual(expected);
        expect(texts.total).toBe(list.length);
        expect(texts.most).toBe(Math.max(...expected.values()));
        expect(texts.again).toBe([...expected.values()].filter((count) => count > 1).length);
      }),
      { numRuns: 30 },
    );
  });
});

test('the most requests at a time', async () => {
  const both = Promise.withResolvers<void>();
  await using sandbox = await startSandbox({
    onRequest({ point, request }) {
      if (point === 'before_reply' && request === 2) both.resolve();
    },
  });
  const replies = [raw(sandbox, order('hang')), raw(sandbox, order('hang'))];
  await both.promise;
  expect(sandbox.stats()).toMatchObject({ in_flight: 2, max_in_flight: 2 });
  await sandbox.stop();
  await Promise.all(replies);
  expect(sandbox.stats()).toMatchObject({ in_flight: 0, max_in_flight: 2 });
});

test('arrivals, in order, with their recipients', async () => {
  await using sandbox = await startSandbox({ recordArrivals: true });
  await post(sandbox, order('promo', 5));
  await post(sandbox, '{');
  await post(sandbox, order('503', 1));
  const arrivals = [...sandbox.arrivals()];
  const seen = arrivals.map(({ recipients, template }) => [recipients, template]);
  expect(seen).toEqual([
    [5, 'promo'],
    [0, ''],
    [1, '503'],
  ]);
  const times = arrivals.map(({ ms }) => ms);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
  expect(times[0]).toBeGreaterThan(0);
});

describe('onRequest', () => {
  test('is told of each point, with what is counted by then', async () => {
    const seen: unknown[] = [];
    const infos: RequestInfo[] = [];
    await using sandbox = await startSandbox({
      async onRequest(info) {
        seen.push([info.request, info.point, sandbox.stats().texts]);
        infos.push(info);
      },
    });
    const { text } = await post(sandbox, order('promo', 2));
    expect(JSON.parse(text)).toMatchObject({ accepted_count: 2 });
    await post(sandbox, order('503'));
    expect(seen).toEqual([
      [1, 'received', 0],
      [1, 'before_reply', 2],
      [1, 'half_reply', 2],
      [1, 'replied', 2],
      [2, 'received', 2],
      [2, 'before_reply', 2],
      [2, 'half_reply', 2],
      [2, 'replied', 2],
    ]);
    const params = { name: 'Ada' };
    expect(infos[0]).toMatchObject({ to: [ADA, BOB], template: 'promo', params, answer: 'ok' });
    expect(infos[4]).toMatchObject({ to: [ADA], template: '503', answer: '503' });
  });

  test('half a reply is half a reply', async () => {
    const arrived = Promise.withResolvers<void>();
    await using sandbox = await startSandbox({
      async onRequest({ point }) {
        if (point !== 'half_reply') return;
        await arrived.promise;
        void sandbox.stop();
      },
    });
    const { bytes } = await raw(sandbox, order('promo', 2), () => arrived.resolve());
    expect(bytes).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(bytes).not.toMatch(/}$/);
    expect(sandbox.stats()).toMatchObject({ texts: 2 });
  });
});
