/** What the demo shows of its campaign's audit: how often each outcome came, and one message of each kind. */
import type { AuditAttempt, AuditLine, Producer } from '../../producer/producer.ts';

export interface AttemptCount {
  outcome: AuditAttempt['outcome'];
  code: number | null;
  http_status: number | null;
  message: string | null;
  count: number;
}

export interface AuditDigest {
  /** By outcome, code and status; the most frequent first. */
  attempts: AttemptCount[];
  examples: AuditLine[];
}

/** The kinds shown, each by its first message. */
const KINDS: ((line: AuditLine) => boolean)[] = [
  ({ state, attempts }) => state === 'accepted' && attempts.length === 1,
  ({ state, attempts }) => state === 'accepted' && attempts.length > 2,
  ({ state }) => state === 'rejected',
  ({ state }) => state === 'unconfirmed',
];

export async function digestAudit(producer: Producer, id: string): Promise<AuditDigest> {
  const counts = new Map<string, AttemptCount>();
  const examples: (AuditLine | undefined)[] = KINDS.map(() => undefined);
  for await (const lines of producer.inside.auditPieces(id)) {
    for (const line of lines) {
      for (const attempt of line.attempts) count(counts, attempt);
      for (const [at, fits] of KINDS.entries()) {
        if (examples[at] === undefined && fits(line)) examples[at] = line;
      }
    }
  }
  return {
    attempts: [...counts.values()].sort((a, b) => b.count - a.count),
    examples: examples.filter((line) => line !== undefined),
  };
}

function count(counts: Map<string, AttemptCount>, attempt: AuditAttempt): void {
  const { outcome, code, http_status, message } = attempt;
  const key = [outcome, code, http_status].join();
  const known = counts.get(key);
  if (known) known.count++;
  else counts.set(key, { outcome, code, http_status, message, count: 1 });
}
