import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isLoopback,
  type RedisAddress,
  readRedisUrl,
  redisUrlOf,
  shownAddress,
} from '../../src/shared/redis-address.ts';

const plain = { host: 'h', port: 6379, tls: false, database: 0 };

test.for<[string, object]>([
  ['redis://h', plain],
  [' \tredis://h:7000/ \n', { ...plain, port: 7000 }],
  ['REDIS://h/2', { ...plain, database: 2 }],
  ['redis://h?db=2&family=6', { ...plain, database: 2, family: 6 }],
  ['redis://h/2?db=2', { ...plain, database: 2 }],
  ['rediss://my_redis.example:6380', { ...plain, host: 'my_redis.example', port: 6380, tls: true }],
  ['redis://[::1]:7000', { ...plain, host: '::1', port: 7000 }],
  ['redis://:p%40ss%2Fw%23rd@h', { ...plain, password: 'p@ss/w#rd' }],
  ['redis://us%3Aer:a:b@h', { ...plain, username: 'us:er', password: 'a:b' }],
  ['redis://user:@h', { ...plain, username: 'user', password: '' }],
  ['redis://:@h', plain],
  ['redis://user@h', { ...plain, username: 'user' }],
  ['unix:///run/my%20redis.sock', { ...plain, host: '', port: 0, path: '/run/my redis.sock' }],
  [
    'unix:///run/a@b.sock?db=3',
    { ...plain, host: '', port: 0, path: '/run/a@b.sock', database: 3 },
  ],
  [
    'unix://me:p%2Fq@/run/r.sock',
    { ...plain, host: '', port: 0, path: '/run/r.sock', username: 'me', password: 'p/q' },
  ],
])('%j is read', ([url, address]) => {
  const read = readRedisUrl(url);
  expect(read).toEqual(address);
  // What is put together again leads to the same place.
  if (!('wrong' in read)) expect(readRedisUrl(redisUrlOf(read))).toEqual(read);
});

test.for([
  ['localhost:6379', 'expected redis://'],
  ['http://h', 'expected redis://'],
  ['redis+cluster://h:7000', 'expected redis://'],
  ['redis://', 'expected redis://'],
  ['redis:///2', 'expected redis://'],
  ['redis://h:port', 'expected redis://'],
  ['redis://a b', 'expected redis://'],
  ['redis://h:0', 'expected a port'],
  ['redis://h:70000', 'expected a port'],
  ['redis://h/two', 'the number of a database'],
  ['redis://h/-1', 'the number of a database'],
  ['redis://h/1.5', 'the number of a database'],
  ['redis://h/2/', 'the number of a database'],
  ['redis://h/2?db=3', 'expected one database'],
  ['redis://h?db=x', 'expected nothing behind the ?'],
  ['redis://h?db=1&db=1', 'expected nothing behind the ?'],
  ['redis://h?password=geheim', 'expected nothing behind the ?'],
  ['redis://h/2#x', 'expected redis://'],
  ['unix://run/redis.sock', 'absolute path'],
  ['unix:///', 'absolute path'],
] as const)('%s is refused', ([url, words]) => {
  expect(readRedisUrl(url)).toEqual({ wrong: expect.stringContaining(words) });
});

describe('a password that is not encoded', () => {
  test.for([
    'redis://:p@ss/w#rd@host:6379',
    'redis://:p@ss@host',
    'redis://:p/ss@host',
    'redis://:p?ss@host',
    'redis://:p#ss@host',
    'redis://:p ss@host',
    'redis://:50%off@host',
    'redis://:%ff@host',
    'redis://us/er:x@host',
    'unix://:p/ss@/run/redis.sock',
  ])('as in %s is explained', (url) => {
    expect(readRedisUrl(url)).toEqual({ wrong: expect.stringContaining('write @ as %40') });
  });

  test('is not shown, whatever it is made of', () => {
    const secret = fc.string({ minLength: 6, unit: fc.constantFrom(...'@:/?#%[]\\ zq7Z') });
    fc.assert(
      fc.property(secret, fc.constantFrom('redis', 'rediss', 'unix'), (text, scheme) => {
        const read = readRedisUrl(`${scheme}://user:${text}@zhost.example:6379/0`);
        if ('wrong' in read) expect(read.wrong).not.toContain(text);
        else expect(shownAddress(read)).not.toContain(text);
      }),
    );
  });
});

test('any user and password, encoded, are read as they are, and not shown', () => {
  const login = {
    username: fc.string({ minLength: 1 }),
    password: fc.string({ unit: 'grapheme' }),
  };
  fc.assert(
    fc.property(fc.record(login), fc.nat(20), fc.boolean(), (given, database, isSocket) => {
      const place = isSocket ? { ...plain, host: '', port: 0, path: '/r?#.sock' } : plain;
      const address: RedisAddress = { ...place, ...given, database };
      expect(readRedisUrl(redisUrlOf(address))).toEqual(address);
      const { username: _username, password: _password, ...rest } = address;
      expect(shownAddress(address)).toBe(redisUrlOf(rest));
    }),
  );
});

test('the loopback is what nobody else can be', () => {
  const isOwn = (host: string) => isLoopback({ host });
  expect(['127.0.0.1', '127.9.9.9', 'localhost', '::1'].every(isOwn)).toBe(true);
  expect(['redis', '127.example', '10.0.0.1', '0.0.0.0', ''].some(isOwn)).toBe(false);
  expect(isLoopback({ host: 'localhost', path: '/r.sock' })).toBe(false);
});
