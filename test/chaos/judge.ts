/** What came of a campaign, by its audit on the one side and by what the stand-in counted on the other. */
import type { Redis } from 'ioredis';
import { type AuditLine, audit } from '../../src/producer/audit.ts';
import { verify } from '../../src/producer/verify.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import type { OnUnconfirmed } from '../../src/shared/job.ts';
import type { Keys } from '../../src/shared/keys.ts';
import { numberAt } from '../support/people.ts';

const TEXTING: ReadonlySet<string> = new Set(['accepted', 'shortfall', 'unconfirmed']);

/** Counts of recipients. */
export interface Finding {
  /** Of whom nobody can tell that they were not texted: not in the audit, still pending, or said to be accepted. */
  lost: number;
  /** Texted more than once. */
  doubled: number;
  unconfirmed: number;
  /** Known not to have been sent, and given up. */
  unsent: number;
  accepted: number;
  /** Each is a promise broken. */
  problems: string[];
}

export async function judge(
  redis: Redis,
  keys: Keys,
  campaign: string,
  sandbox: Sandbox,
  { policy, recipients }: { policy: OnUnconfirmed; recipients: number },
): Promise<Finding> {
  const finding = { lost: 0, doubled: 0, unconfirmed: 0, unsent: 0, accepted: 0 };
  const problems: string[] = [];
  const missing = new Set(Array.from({ length: recipients }, (_none, at) => numberAt(at)));
  for await (const lines of audit(redis, keys, campaign)) {
    for (const line of lines) {
      for (const to of line.to) {
        missing.delete(to);
        const texts = sandbox.textsTo(to)?.count ?? 0;
        const problem = look(line, texts, policy, finding);
        if (problem !== undefined) problems.push(`${line.message}: ${problem}: ${inShort(line)}`);
      }
    }
  }
  finding.lost += missing.size;
  if (missing.size > 0) problems.push(`${missing.size} recipients are not in the audit`);
  const { differences } = await verify(redis, keys, campaign);
  for (const each of differences) problems.push(`verify: ${JSON.stringify(each)}`);
  return { ...finding, problems };
}

/** Counts one recipient. @returns what is wrong with it, if anything is */
function look(
  line: AuditLine,
  texts: number,
  policy: OnUnconfirmed,
  finding: Omit<Finding, 'problems'>,
): string | undefined {
  const { state, attempts } = line;
  const mayHaveLeft = attempts.filter(({ outcome }) => outcome === 'unconfirmed');
  if (texts > 1) {
    finding.doubled++;
    if (policy === 'park') return `texted ${texts} times`;
    // Another attempt is let through only where the one before was given up: its reply was lost, or its worker could
    // not write it down as long as it held the job. In the end it may have been able to.
    const told = attempts.filter(({ outcome }) => TEXTING.has(outcome));
    if (told.length < texts) return `texted ${texts} times in ${told.length} attempts`;
  }
  switch (state) {
    case 'accepted':
      finding.accepted++;
      if (texts > 0) return undefined;
      finding.lost++;
      return 'accepted, and never texted';
    case 'unconfirmed':
      finding.unconfirmed++;
      if (policy === 'resend' && texts === 0) {
        finding.lost++;
        return 'to be resent, and never texted';
      }
      if (mayHaveLeft.some(({ accepted_count }) => accepted_count === null)) return undefined;
      return 'unconfirmed, with its reply written down';
    case 'shortfall':
      // Nobody knows which of its numbers were texted.
      finding.unsent += texts > 0 ? 0 : 1;
      finding.accepted += texts > 0 ? 1 : 0;
      return undefined;
    case 'pending':
      finding.lost++;
      return 'still pending';
    default:
      finding.unsent++;
      return texts > 0 ? `texted, though ${state}` : undefined;
  }
}

function inShort({ state, attempts }: AuditLine): string {
  const words = attempts.map(({ outcome, message }) => `${outcome} (${message ?? 'no words'})`);
  return `${state} after ${words.join(', ') || 'no attempt'}`;
}
