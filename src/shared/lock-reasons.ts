/** Why the valve may be locked. Apart from the valve, so that a command's help need not load what the valve needs. */
export const LOCK_REASONS = ['throttled', 'outage', 'unauthorized', 'operator'] as const;
/**
 * Why the valve is locked: EngageLab asked for it (`throttled`), fails (`outage`) or refuses the credentials
 * (`unauthorized`); or a person holds the fleet (`operator`).
 */
export type LockReason = (typeof LOCK_REASONS)[number];
