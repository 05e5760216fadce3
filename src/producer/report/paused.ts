/** Why a campaign does not go on, or goes on slowly, until somebody resumes it. */
import {
  type CampaignCounts,
  type CampaignRecord,
  isCancelled,
} from '../../shared/campaign/campaign.ts';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { putOffUntil, type QueueBrakes } from '../../shared/campaign/queue-brakes.ts';
import { haltOf, whyHalted } from '../../shared/halt.ts';

/** Who or what keeps a campaign from going on until somebody resumes it. */
export interface Paused {
  /**
   * `operator`: somebody, by `pause`. `canary`: its canary is over. `halt`: itself, for so many of its messages in a
   * row were refused. `queue`: another program stopped its queue in BullMQ.
   */
  by: 'operator' | 'canary' | 'halt' | 'queue';
  /** Unix ms; null where nobody knows. */
  since: number | null;
  /** In words; null where there is nothing to say. */
  why: string | null;
}

/** The recipients that are sent to first, and those that wait for them; `over` once nothing of the first is pending. */
export interface Canary {
  recipients: number;
  held: number;
  over: boolean;
}

/** @param now Unix ms  @returns null where some job is due soon */
export async function putOffWords(
  { redis, own }: CampaignHandle,
  now: number,
): Promise<string | null> {
  const until = await putOffUntil(redis, own, now);
  if (until === undefined) return null;
  return `none of its jobs is due before ${new Date(until).toISOString()}`;
}

/** Of a campaign that is paused. */
export function pausedOf(
  id: string,
  record: CampaignRecord,
  counts: CampaignCounts,
  { stops }: QueueBrakes,
): Paused {
  const { paused, paused_by, paused_at, paused_why, halt_after } = record;
  if (!paused && canaryOf(record, counts)?.over) return { by: 'canary', since: null, why: null };
  if (!paused) return { by: 'queue', since: null, why: stops ?? null };
  if (paused_by === 'halt') {
    const why = whyHalted(id, haltOf(paused_why), halt_after);
    return { by: 'halt', since: paused_at ?? null, why };
  }
  return { by: 'operator', since: paused_at ?? null, why: paused_why ?? null };
}

/** As the script of a resume has it, too: what of the canary was rejected, opted out or expired is over as well. */
export function canaryOf(
  campaign: CampaignRecord,
  { pending, recipients }: CampaignCounts,
): Canary | null {
  if (campaign.canary === undefined || isCancelled(campaign)) return null;
  const held = recipients - campaign.canary;
  return { recipients: campaign.canary, held, over: pending <= held };
}
