import { expect, test } from 'vitest';
import { createKeys } from '../../src/shared/keys.ts';
import { serve } from '../../src/shared/serving.ts';
import { type Registered, readRegistry, removeFromRegistry } from '../../src/worker/registry.ts';
import { connect, testPrefix } from '../support/redis.ts';

test('what one read before others took a campaign off and put it back is of no use to it', async () => {
  const redis = connect();
  const keys = createKeys(testPrefix());
  const read = async (): Promise<Registered> => {
    const [registered] = await readRegistry(redis, keys, 0);
    if (!registered) throw new Error('it is not on the registry');
    return registered;
  };
  // As often as a replay raises it.
  for (let times = 0; times < 2; times++) await serve(redis, keys.fleet, 'spring');
  const before = await read();
  expect(await removeFromRegistry(redis, keys.fleet, before, 0)).toBe(true);
  for (let times = 0; times < 2; times++) await serve(redis, keys.fleet, 'spring');
  expect(await removeFromRegistry(redis, keys.fleet, before, 0)).toBe(false);
  expect(await removeFromRegistry(redis, keys.fleet, await read(), 0)).toBe(true);
});
