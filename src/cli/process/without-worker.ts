/** What is most often wrong where nothing moves: nobody sends. */
import type { Producer } from '../../producer/producer.ts';
import { warn } from '../terminal/output.ts';

/** Says so where no worker is running. */
export async function warnWithoutWorker(producer: Producer, campaign: string): Promise<void> {
  const workers = await producer.inside.fleet.workers();
  if (workers.length > 0) return;
  warn(`no worker is running, so nothing of ${campaign} is sent; start one: volley worker`);
}
