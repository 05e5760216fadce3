/** Who waits for one of the places of `VOLLEY_MAX_CAMPAIGNS`, as the workers' heartbeats tell. */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { readQueuedWork } from '../../shared/campaign/queued-work.ts';
import type { Heartbeat } from '../../shared/fleet/heartbeat.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';

/** The campaigns that have the places, of all workers. */
export interface PlaceWaitedFor {
  held_by: string[];
}

/**
 * Whether a campaign that has something to send waits for a place: every worker serves as many
 * campaigns as it may, and none serves this one. A worker with room would take it up within a
 * second. Where one does not say what it serves, nothing is claimed.
 * @returns null where that is not so
 */
export async function placeWaitedFor(
  { redis, own, id }: CampaignHandle,
  workers: readonly Heartbeat[],
  now: number,
): Promise<PlaceWaitedFor | null> {
  const isFull = ({ serving, max_campaigns }: Heartbeat) =>
    serving !== undefined &&
    max_campaigns !== undefined &&
    serving.length >= max_campaigns &&
    !serving.includes(id);
  if (id === NOTIFICATIONS || workers.length === 0 || !workers.every(isFull)) return null;
  const { ready, delayedUntil } = await readQueuedWork(redis, own);
  if (ready === 0 && delayedUntil > now) return null;
  const held = new Set(workers.flatMap(({ serving }) => serving ?? []));
  return { held_by: [...held].sort() };
}
