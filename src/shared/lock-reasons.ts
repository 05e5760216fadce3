/** Why the valve may be locked. Apart from the valve, so that a command's help need not load what the valve needs. */
export const LOCK_REASONS = ['throttled', 'outage', 'unauthorized', 'operator', 'far_end'] as const;
/**
 * Why the valve is locked: EngageLab asked for it (`throttled`), fails (`outage`) or refuses the credentials
 * (`unauthorized`); a person holds the fleet (`operator`); or what answers cannot be EngageLab (`far_end`).
 */
export type LockReason = (typeof LOCK_REASONS)[number];

/** Those that stay until somebody names them: to open them unseen would burn, or text twice, what they are there for. */
const NAMED_ONLY: readonly LockReason[] = ['far_end'];

/** Whether only a release that names it opens such a lock. */
export function isOpenedByNameOnly(reason: LockReason): boolean {
  return NAMED_ONLY.includes(reason);
}
