/**
 * What a command needs: the settings, and a producer whose Redis is there. The producer is loaded only here, for it is
 * large, and `--help` must be there at once. Whatever goes wrong with Redis is one line that says how to mend it.
 */
import type { Producer } from '../../producer/producer.ts';
import type { Config } from '../../shared/config.ts';
import { readSettings } from './settings.ts';

/** @throws VolleyError `bad_config`, or `unavailable` where Redis is away or does not do what it must */
export async function withProducer<T>(
  work: (producer: Producer, config: Config) => Promise<T>,
): Promise<T> {
  const config = await readSettings();
  const { openProducer } = await import('../../producer/producer.ts');
  await using producer = await openProducer(config);
  return await work(producer, config);
}
