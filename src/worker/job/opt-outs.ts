import type { Redis } from 'ioredis';
import { SuppressionList } from '../../shared/fleet/suppression.ts';
import type { SuppressionKeys } from '../../shared/redis/keys.ts';
import { PerTick } from '../../shared/redis/per-tick.ts';

/**
 * Which numbers of a message have opted out, asked right before it is sent: for all messages of one turn of the event
 * loop together, whatever their campaigns. It remembers nothing, and leaves nothing out itself.
 */
export class OptOuts {
  readonly #tick: PerTick<readonly string[], number[]>;

  constructor(redis: Redis, keys: SuppressionKeys) {
    const list = new SuppressionList(redis, keys);
    this.#tick = new PerTick(async (messages) => {
      const found = await list.find(messages.flat());
      let next = 0;
      return messages.map((numbers) => {
        const first = next;
        next += numbers.length;
        return numbers.flatMap((_number, place) => (found[first + place] ? [place] : []));
      });
    });
  }

  /** @returns the places of those that have, rising */
  placesOf(numbers: readonly string[]): Promise<number[]> {
    return this.#tick.add(numbers);
  }
}
