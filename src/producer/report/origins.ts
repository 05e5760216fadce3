/** Campaigns that no running worker may go on with, for all of them send to another origin. */
import { mayServe } from '../../shared/destination.ts';
import type { Heartbeat } from '../../shared/fleet/heartbeat.ts';

/**
 * @param origin that the campaign is bound to; undefined while nothing of it was sent
 * @returns where the workers send; null where one of them may serve it, does not say, or none runs
 */
export function originWaitedFor(
  origin: string | undefined,
  workers: readonly Heartbeat[],
): { workers: string[] } | null {
  const isElsewhere = ({ origin: own, reach }: Heartbeat) =>
    own !== undefined &&
    reach !== undefined &&
    !mayServe({ origin: own, account: '', reach }, origin);
  if (workers.length === 0 || !workers.every(isElsewhere)) return null;
  return { workers: [...new Set(workers.flatMap((each) => each.origin ?? []))].sort() };
}
