import { expect, test } from 'vitest';
import { serve, unserve } from '../../src/shared/campaign/serving.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { type Registered, readRegistry } from '../../src/worker/registry.ts';
import { connect, testPrefix } from '../support/redis.ts';

test('what one read before others took a campaign off and put it back is of no use to it', async () => {
  const redis = connect();
  const keys = createKeys(testPrefix());
  const read = async (): Promise<Registered> => {
    const [registered] = await readRegistry(redis, keys, 0);
    if (!registered) throw new Error('it is not on the registry');
    return registered;
  };
  const remove = ({ id, generation }: Registered) => unserve(redis, keys.fleet, id, generation, 0);
  // As often as a replay raises it.
  for (let times = 0; times < 2; times++) await serve(redis, keys.fleet, 'spring');
  const before = await read();
  expect(await remove(before)).toBe(true);
  for (let times = 0; times < 2; times++) await serve(redis, keys.fleet, 'spring');
  expect(await remove(before)).toBe(false);
  expect(await remove(await read())).toBe(true);
});
