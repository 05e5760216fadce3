import type { Verdict } from './classify.ts';

/** In one line, for the valve and the log. Not masked. */
export function describeVerdict(verdict: Verdict): string {
  const code = verdict.code === undefined ? '' : `, code ${verdict.code}`;
  return `HTTP ${verdict.http_status ?? '-'}${code}${verdict.message ? `: ${verdict.message}` : ''}`;
}
