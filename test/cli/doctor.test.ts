import { expect, onTestFinished, test } from 'vitest';
import { connectProducer } from '../../src/shared/redis/connection.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { run } from '../support/programs.ts';
import { createScene, freePort, startOwnRedis, VOLLEY } from './scene.ts';

/** A healthy place, and the doctor who looks at it. */
async function openPractice() {
  const { env, keys, sandbox } = await createScene();
  const redis = await startOwnRedis('always');
  const own = { ...env, REDIS_URL: redis.url };
  const examine = async (changes: NodeJS.ProcessEnv = {}) => {
    const args = ['doctor', '--json'];
    const { code, stdout, stderr } = await run(VOLLEY, args, { env: { ...own, ...changes } });
    expect(stderr).toBe('');
    return { code, ...JSON.parse(stdout) };
  };
  return { env: own, prefix: keys.prefix, sandbox, redis, examine };
}

/** What stands under `checks` for one of them. */
function found(check: string, status: string, detail: string, mend: string | null = null) {
  const words = (text: string | null) => (text === null ? null : expect.stringContaining(text));
  const expected = { check, status, detail: words(detail), mend: words(mend) };
  return expect.arrayContaining([expected]);
}

test('finds a healthy place healthy, and texts nobody', async () => {
  const { prefix, sandbox, examine } = await openPractice();
  expect(await examine()).toEqual({
    code: 0,
    ok: true,
    checks: [
      { check: 'redis', status: 'ok', detail: expect.any(String), mend: null },
      { check: 'rights', status: 'ok', detail: 'all that Volley needs', mend: null },
      { check: 'writable', status: 'ok', detail: `keys under ${prefix}`, mend: null },
      { check: 'version', status: 'ok', detail: expect.stringMatching(/^\d+\.\d+/), mend: null },
      { check: 'memory', status: 'ok', detail: expect.stringContaining('noeviction'), mend: null },
      { check: 'persistence', status: 'ok', detail: 'append-only file, fsync always', mend: null },
      { check: 'clock of redis', status: 'ok', detail: 'agrees with this machine', mend: null },
      { check: 'workers', status: 'warning', detail: 'none is running', mend: expect.any(String) },
      { check: 'valve', status: 'ok', detail: 'open', mend: null },
      { check: 'proxy', status: 'ok', detail: 'none is set', mend: null },
      {
        check: 'engagelab',
        status: 'ok',
        detail: `${sandbox.url}, connected to ${sandbox.url.replace('http://', '')}`,
        mend: null,
      },
      { check: 'credentials', status: 'ok', detail: `${sandbox.url} takes them`, mend: null },
      {
        check: 'clock of EngageLab',
        status: 'ok',
        detail: 'agrees with this machine',
        mend: null,
      },
    ],
  });
  expect(sandbox.stats()).toMatchObject({ requests: 1, texts: 0 });
});

test('says where workers send, where that is not one place', async () => {
  const { prefix, redis: own, examine } = await openPractice();
  const redis = await connectProducer(own.url);
  onTestFinished(() => redis.disconnect());
  const { workers } = createKeys(prefix).fleet;
  // However long the command takes to start here.
  const seen_at = Date.now() + 60_000;
  const told = { host: 'h', pid: 1, in_flight: 0, sent_per_s: 0, seen_at };
  const beat = (id: string, origin: string) =>
    redis.hset(workers, id, JSON.stringify({ ...told, id, origin }));
  await beat('one', 'https://one.example');
  const here = 'the workers send to https://one.example, and ENGAGELAB_BASE_URL here names';
  expect((await examine()).checks).toEqual(found('origin', 'warning', here, 'alike'));
  await beat('two', 'https://two.example');
  const both = 'the workers send to https://one.example and to https://two.example';
  expect((await examine()).checks).toEqual(found('origin', 'warning', both, 'Stop those'));
});

test('tells a person the same, a line a check', async () => {
  const { env } = await openPractice();
  const { code, stdout } = await run(VOLLEY, ['doctor'], {
    env: { ...env, ENGAGELAB_DEV_SECRET: 'wrong' },
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok {7}redis: Redis at redis:/);
  expect(stdout).toMatch(/^failed {3}credentials: .* refuses them \(HTTP 401\)\n {9}Compare /m);
});

test('fails where Redis is away, and still looks at the credentials', async () => {
  const { examine } = await openPractice();
  const url = `redis://127.0.0.1:${await freePort()}`;
  const { code, ok, checks } = await examine({ REDIS_URL: url });
  expect({ code, ok }).toEqual({ code: 1, ok: false });
  expect(checks).toEqual(found('redis', 'failed', 'ECONNREFUSED', 'volley up starts one'));
  expect(checks).toEqual(found('credentials', 'ok', 'takes them'));
});

test('fails where Redis wants a password, or refuses the one it is given', async () => {
  const { redis, examine } = await openPractice();
  await redis.admin.config('SET', 'requirepass', 'geheim');
  const { code, checks } = await examine();
  expect(code).toBe(1);
  expect(checks).toEqual(found('redis', 'failed', 'it wants a password', 'REDIS_URL'));

  const wrong = `redis://:wrong@127.0.0.1:${redis.port}`;
  const refused = await examine({ REDIS_URL: wrong });
  expect(refused.checks).toEqual(
    found('redis', 'failed', 'it refuses the user or password', 'URL'),
  );
  const right = await examine({ REDIS_URL: `redis://:geheim@127.0.0.1:${redis.port}` });
  expect(right).toMatchObject({ code: 0, ok: true });
  expect(JSON.stringify(right)).not.toContain('geheim');
});

test.for([
  ['memory', 'maxmemory-policy', 'allkeys-lru', 'failed', 'got allkeys-lru', 'noeviction'],
  ['persistence', 'appendonly', 'no', 'failed', 'no append-only file', 'appendonly yes'],
  ['persistence', 'appendfsync', 'everysec', 'warning', 'everysec', 'appendfsync always'],
])('looks at %s: %s %s', async ([check = '', name = '', value = '', status = '', ...words]) => {
  const { redis, examine } = await openPractice();
  await redis.admin.config('SET', name, value);
  const { code, ok, checks } = await examine();
  expect({ code, ok }).toEqual(
    status === 'failed' ? { code: 1, ok: false } : { code: 0, ok: true },
  );
  expect(checks).toEqual(found(check, status, words[0] ?? '', words[1]));
});

test('warns of a Redis that is nearly full, and fails at one that is a replica', async () => {
  const { redis, examine } = await openPractice();
  const used = /used_memory:(\d+)/.exec(await redis.admin.info('memory'))?.[1];
  await redis.admin.config('SET', 'maxmemory', String(used));
  expect((await examine()).checks).toEqual(found('memory', 'warning', 'used, of', 'maxmemory'));
  await redis.admin.config('SET', 'maxmemory', '0');
  await redis.admin.replicaof('127.0.0.1', '1');
  const { code, checks } = await examine();
  expect(code).toBe(1);
  expect(checks).toEqual(found('writable', 'failed', 'it is a replica, of 127.0.0.1:1', 'primary'));
});

test('fails without credentials, and where EngageLab refuses them or is away', async () => {
  const { sandbox, examine } = await openPractice();
  const none = await examine({ ENGAGELAB_DEV_KEY: '' });
  expect(none.code).toBe(1);
  expect(none.checks).toEqual(found('credentials', 'failed', 'are not set', 'console'));
  expect(sandbox.stats().requests).toBe(0);

  const wrong = await examine({ ENGAGELAB_DEV_SECRET: 'wrong-4711' });
  expect(wrong.checks).toEqual(found('credentials', 'failed', 'HTTP 401', 'Compare'));
  expect(JSON.stringify(wrong)).not.toContain('wrong-4711');

  const away = { ENGAGELAB_BASE_URL: `http://127.0.0.1:${await freePort()}` };
  expect((await examine(away)).checks).toEqual(
    found('engagelab', 'failed', 'ECONNREFUSED', 'reachable'),
  );
  expect(sandbox.stats().texts).toBe(0);
});
