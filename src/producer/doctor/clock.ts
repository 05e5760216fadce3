import type { Finding } from './finding.ts';

/**
 * EngageLab wants `schedule_time` 3 minutes ahead by its own clock; a smaller difference harms
 * nothing.
 */
const CLOCK_TOLERANCE_MS = 30_000;

/** @param theirs Unix ms, by the other clock */
export function clockFinding(
  check: 'clock of redis' | 'clock of EngageLab',
  theirs: number,
): Finding {
  const apartMs = Math.abs(Date.now() - theirs);
  return { check, status: apartMs < CLOCK_TOLERANCE_MS ? 'ok' : 'warning', apartMs };
}
