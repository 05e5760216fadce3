/** How many jobs of a campaign BullMQ has in each of its states. */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { openQueue } from '../../shared/redis/queue.ts';

export type JobCounts = Readonly<
  Record<'waiting' | 'delayed' | 'active' | 'completed' | 'failed', number>
>;

export const NO_JOBS = { waiting: 0, delayed: 0, active: 0, completed: 0, failed: 0 };

export async function readJobCounts({ redis, keys, id }: CampaignHandle): Promise<JobCounts> {
  const queue = openQueue(redis, keys, id);
  try {
    const counts = await queue.getJobCounts('waiting', 'delayed', 'active', 'completed', 'failed');
    const read = (name: string) => counts[name] ?? 0;
    return {
      waiting: read('waiting'),
      delayed: read('delayed'),
      active: read('active'),
      completed: read('completed'),
      failed: read('failed'),
    };
  } finally {
    await queue.close();
  }
}
