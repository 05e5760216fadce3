import { describe, expect, test } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { Mischief } from '../../src/sandbox/mischief.ts';
import { VolleyError } from '../../src/shared/errors.ts';
import { call, order, post } from './client.ts';

const ADA = '+6590000001';

async function get(sandbox: Sandbox, path: string): Promise<string> {
  const { status, text } = await call(sandbox, 'GET', path);
  expect(status).toBe(200);
  return text;
}

async function put(sandbox: Sandbox, faults: unknown): Promise<{ status: number; body: unknown }> {
  const { status, text } = await call(sandbox, 'PUT', '/sandbox/faults', JSON.stringify(faults));
  return { status, body: JSON.parse(text) };
}

describe('over HTTP', () => {
  test('stats, texts and one number are what they are in-process', async () => {
    await using sandbox = await startSandbox();
    await post(sandbox, order('promo', 3000));
    expect(JSON.parse(await get(sandbox, '/sandbox/stats'))).toEqual(sandbox.stats());
    const lines = (await get(sandbox, '/sandbox/texts')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([...sandbox.texts()]);
    expect(JSON.parse(await get(sandbox, `/sandbox/texts/${ADA}`))).toEqual(sandbox.textsTo(ADA));
    const encoded = `/sandbox/texts/${encodeURIComponent(ADA)}`;
    expect(JSON.parse(await get(sandbox, encoded))).toMatchObject({ to: ADA, count: 1 });
    const other = JSON.parse(await get(sandbox, '/sandbox/texts/+6500000000'));
    expect(other).toEqual({ to: '+6500000000', count: 0 });
  });

  test('no texts are no lines', async () => {
    await using sandbox = await startSandbox();
    expect(await get(sandbox, '/sandbox/texts')).toBe('');
  });

  test('arrivals, where they are recorded', async () => {
    await using sandbox = await startSandbox({ recordArrivals: true });
    await post(sandbox, order('promo', 2));
    const line = { ms: expect.any(Number), recipients: 2, template: 'promo' };
    expect(JSON.parse(await get(sandbox, '/sandbox/arrivals'))).toEqual(line);
    await using without = await startSandbox();
    const refused = await call(without, 'GET', '/sandbox/arrivals');
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      400,
      { error: 'arrivals are not recorded: start with recordArrivals' },
    ]);
  });

  test('faults are switched on and off', async () => {
    await using sandbox = await startSandbox();
    expect((await post(sandbox, order('promo'))).status).toBe(200);
    const switched = await put(sandbox, { rates: { 503: 1 } });
    expect(switched).toEqual({ status: 200, body: sandbox.faults() });
    expect((await post(sandbox, order('promo'))).status).toBe(503);
    await put(sandbox, { rates: {} });
    expect((await post(sandbox, order('promo'))).status).toBe(200);
    expect(sandbox.stats().answers).toEqual({ ok: 2, '503': 1 });
  });

  test('faults by number go before those by template, and both before chance', async () => {
    await using sandbox = await startSandbox();
    await put(sandbox, {
      rates: { 503: 1 },
      on_template: { promo: '5001', 3004: 'ok' },
      on_number: { '6590000002': '1000' },
    });
    expect((await post(sandbox, order('promo', 1))).text).toContain('5001');
    expect((await post(sandbox, order('promo', 2))).text).toContain('1000');
    expect((await post(sandbox, order('3004', 1))).status).toBe(200);
    expect((await post(sandbox, order('other', 1))).status).toBe(503);
  });

  test('bad numbers, without saying which; the rest of the settings stays', async () => {
    await using sandbox = await startSandbox({ faults: { rates: { 503: 1 } } });
    await put(sandbox, { bad_numbers: ['+6590000002'] });
    const { status, text } = await post(sandbox, order('promo', 3));
    expect([status, JSON.parse(text)]).toMatchObject([400, { code: 3003, accepted_count: 0 }]);
    expect(text).not.toContain('6590000002');
    expect((await post(sandbox, order('promo', 1))).status).toBe(503);
    expect(sandbox.stats().texts).toBe(0);
  });

  test('reset forgets what was counted, and keeps the faults', async () => {
    await using sandbox = await startSandbox({ faults: { rates: { partial: 1 } } });
    await post(sandbox, order('promo', 3));
    expect(sandbox.stats()).toMatchObject({ requests: 1, texts: 2 });
    await call(sandbox, 'POST', '/sandbox/reset');
    expect(sandbox.stats()).toMatchObject({ requests: 0, texts: 0, numbers: 0, answers: {} });
    expect(sandbox.textsTo(ADA)).toBeUndefined();
    await post(sandbox, order('promo', 3));
    expect(sandbox.stats()).toMatchObject({ requests: 1, texts: 2 });
  });

  const WRONG: [string, unknown, string][] = [
    ['an unknown fault', { rates: { nope: 0.1 } }, 'no fault is called "nope"'],
    ['a share above 1', { rates: { 503: 1.1 } }, 'faults.rates.503'],
    ['shares above 1 together', { rates: { 503: 0.6, 502: 0.6 } }, 'add up to 1.2'],
    ['an unknown setting', { rate: {} }, 'rate'],
    ['a number that is none', { bad_numbers: ['x'] }, 'phone numbers'],
    ['latency the wrong way round', { latency: [5, 1] }, 'faults.latency'],
    ['a list', [], 'faults'],
  ];
  test.for(WRONG)('%s is refused and changes nothing', async ([, faults, words]) => {
    await using sandbox = await startSandbox({ faults: { rates: { 502: 1 } } });
    const before = sandbox.faults();
    expect(await put(sandbox, faults)).toEqual({
      status: 400,
      body: { error: expect.stringContaining(words) },
    });
    expect(sandbox.faults()).toEqual(before);
  });

  test('no JSON, no route', async () => {
    await using sandbox = await startSandbox();
    expect((await call(sandbox, 'PUT', '/sandbox/faults', '{')).status).toBe(400);
    expect((await call(sandbox, 'GET', '/sandbox/texts/%')).status).toBe(400);
    expect((await call(sandbox, 'GET', '/sandbox/nothing')).status).toBe(404);
    expect((await call(sandbox, 'POST', '/sandbox/down', '{}')).status).toBe(400);
  });
});

describe('down', () => {
  test('refuses connections, and comes back on its port with its counts', async () => {
    await using sandbox = await startSandbox();
    const { url } = sandbox;
    await post(sandbox, order('promo'));
    await sandbox.down();
    await expect(post(sandbox, order('promo'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await sandbox.up();
    expect(sandbox.url).toBe(url);
    expect((await post(sandbox, order('promo'))).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ requests: 2, texts: 2 });
  });

  test('over HTTP it ends by itself', async () => {
    await using sandbox = await startSandbox();
    expect((await call(sandbox, 'POST', '/sandbox/down', '{"ms":20}')).status).toBe(200);
    let status = 0;
    while (status === 0)
      status = (await post(sandbox, order('promo')).catch(() => undefined))?.status ?? 0;
    expect(status).toBe(200);
  });

  test('a port in use is unavailable', async () => {
    await using sandbox = await startSandbox();
    const second = startSandbox({ port: sandbox.port });
    await expect(second).rejects.toThrow(VolleyError);
    await expect(second).rejects.toMatchObject({
      code: 'unavailable',
      message: `sandbox: port ${sandbox.port} of 127.0.0.1 is in use by another program; choose another`,
    });
  });
});

describe('chance', () => {
  const rates = { '1000': 0.2, 'close-before': 0.1, 'close-after': 0.1, partial: 0.1 };

  async function answers(sandbox: Sandbox): Promise<string[]> {
    const seen: string[] = [];
    for (let each = 0; each < 60; each += 1) {
      const answer = await post(sandbox, order('promo', 2)).catch(() => undefined);
      seen.push(answer?.text.replace(/\d{19}/, '') ?? 'closed');
    }
    return seen;
  }

  async function run(options: SandboxOptions): Promise<[string[], object]> {
    await using sandbox = await startSandbox(options);
    return [await answers(sandbox), sandbox.stats().answers];
  }

  test('a seed repeats exactly, also after a reset; another does not', async () => {
    const first = await run({ faults: { rates, seed: 7 } });
    expect(Object.keys(first[1]).sort()).toEqual(['ok', ...Object.keys(rates)].sort());
    expect(await run({ faults: { rates, seed: 7 } })).toEqual(first);
    expect(await run({ faults: { rates, seed: 8 } })).not.toEqual(first);
    await using sandbox = await startSandbox({ faults: { rates, seed: 7 } });
    await answers(sandbox);
    sandbox.reset();
    expect([await answers(sandbox), sandbox.stats().answers]).toEqual(first);
  });

  test('each fault gets its share', () => {
    const mischief = new Mischief();
    mischief.set({ rates: { '1000': 0.02, 'close-after': 0.3 } });
    const counts = new Map<string | undefined, number>();
    for (let each = 0; each < 100_000; each += 1) {
      const name = mischief.draw()?.name;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect((counts.get('1000') ?? 0) / 100_000).toBeCloseTo(0.02, 2);
    expect((counts.get('close-after') ?? 0) / 100_000).toBeCloseTo(0.3, 1);
    expect(counts.size).toBe(3);
  });

  test('shares of a tenth add up to all', () => {
    const mischief = new Mischief();
    const names = ['1000', '3001', '3002', '3003', '3004', '4001', '5001', '500', '502', '503'];
    mischief.set({ rates: Object.fromEntries(names.map((name) => [name, 0.1])) });
    for (let each = 0; each < 10_000; each += 1) expect(mischief.draw()).toBeDefined();
  });

  test('latency is least to most, and repeats', () => {
    const draw = () => {
      const mischief = new Mischief();
      mischief.set({ latency: [20, 80], seed: 3 });
      return Array.from({ length: 100 }, () => mischief.latencyMs());
    };
    expect(Math.min(...draw())).toBeGreaterThanOrEqual(20);
    expect(Math.max(...draw())).toBeLessThanOrEqual(80);
    expect(draw()).toEqual(draw());
  });

  test('latency and slow replies wait at least so long', async () => {
    await using sandbox = await startSandbox({ faults: { latency: 30 } });
    const started = performance.now();
    expect((await post(sandbox, order('slow-40'))).status).toBe(200);
    // A timer may fire up to a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(68);
  });

  test('stopping does not wait for slow replies', async () => {
    const received = Promise.withResolvers<void>();
    const sandbox = await startSandbox({ onRequest: () => received.resolve() });
    const reply = post(sandbox, order('slow-999999999'));
    const failed = expect(reply).rejects.toThrow();
    await received.promise;
    await sandbox.stop();
    await failed;
  });
});
