/** Why the valve may be locked. Apart from the valve, so that a command's help need not load what the valve needs. */
export const LOCK_REASONS = ['throttled', 'outage', 'unauthorized', 'operator'] as const;
export type LockReason = (typeof LOCK_REASONS)[number];
