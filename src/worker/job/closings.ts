/**
 * What is written of an attempt once it is over, in the cases that are not a verdict alone; and the
 * words by which verdicts are counted.
 */
import type { Closing } from '../../shared/ledger/close.ts';
import { type Attempt, encodeAttempt } from '../../shared/ledger/entry.ts';
import { toldOutcome } from '../../shared/ledger/letters.ts';
import type { Verdict } from '../request/classify.ts';

/**
 * Closes an attempt of which no byte has left. Its text is written only if another run had closed
 * the attempt as `worker_lost` meanwhile.
 */
export function neverWritten(
  closing: Omit<Closing, 'verdict'> & { run: string },
  opened: Pick<Attempt, 'at' | 'leftOut'>,
): Closing {
  const { run, numbers } = closing;
  const attempt = {
    run,
    outcome: 'retry',
    ...opened,
    words: 'never written: the job was no longer its own',
  } as const;
  return {
    ...closing,
    verdict: 'never_written',
    code: 'no_connection',
    attempt: encodeAttempt(attempt, numbers),
  };
}

/** Takes back what an attempt came to, for nobody knows any more whose reply it got. */
export function doubtful(
  closing: Pick<Closing, 'index' | 'number' | 'run' | 'numbers'>,
  attempt: Attempt,
): Closing {
  const said = attempt.outcome === 'open' ? 'nothing' : toldOutcome(attempt.outcome);
  const words = `a reply that nobody asked for came after the one that said: ${said}`;
  const { index, number, run, numbers } = closing;
  const text = encodeAttempt({ ...attempt, outcome: 'unconfirmed', words }, numbers);
  return { index, number, run, numbers, verdict: 'doubtful', code: 'no_reply', attempt: text };
}

/** What recipients that are not accepted are counted under. */
export function codeLabel(verdict: Verdict): string {
  if (verdict.outcome === 'accepted' || verdict.outcome === 'shortfall') return '';
  if (verdict.code !== undefined && verdict.code !== 0) return String(verdict.code);
  if (verdict.http_status !== undefined) return `http_${verdict.http_status}`;
  return verdict.outcome === 'retry' ? 'no_connection' : 'no_reply';
}
