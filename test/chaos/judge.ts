/** What came of a campaign, by its audit on the one side and by what the stand-in counted on the other. */
import type { Redis } from 'ioredis';
import { type AuditAttempt, type AuditLine, audit } from '../../src/producer/report/audit.ts';
import { verify } from '../../src/producer/report/verify.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { SuppressionList } from '../../src/shared/fleet/suppression.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
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

export interface Expected {
  recipients: number;
  /** What was lost on its way back was sent again, or somebody said that it may be. */
  mayDouble: boolean;
  /** By the workers themselves, so that nothing may end without a reply. */
  isResent: boolean;
  /** How often a message may have been replayed. */
  replays: number;
  /** Another program took jobs or ledgers away: who is in them only the list tells. */
  isTakenAway: boolean;
}

export async function judge(
  redis: Redis,
  keys: Keys,
  campaign: string,
  sandbox: Sandbox,
  expected: Expected,
): Promise<Finding> {
  const { recipients, replays } = expected;
  const finding = { lost: 0, doubled: 0, unconfirmed: 0, unsent: 0, accepted: 0 };
  const problems: string[] = [];
  const missing = new Set(Array.from({ length: recipients }, (_none, at) => numberAt(at)));
  const optOuts = new SuppressionList(redis, keys.suppression);
  for await (const lines of audit(redis, keys, campaign)) {
    const numbers = lines.flatMap((line) => line.to);
    const found = await optOuts.find(numbers);
    const optedOut = new Set(numbers.filter((_number, at) => found[at]));
    for (const line of lines) {
      const times = line.replays.length + (line.replayed_from === null ? 0 : 1);
      if (times > replays) problems.push(`${line.message}: replayed ${times} times`);
      for (const to of line.to) {
        missing.delete(to);
        const texts = sandbox.textsTo(to)?.count ?? 0;
        const mayBeResent = expected.isResent && !optedOut.has(to);
        const problem = look(line, to, texts, { ...expected, isResent: mayBeResent }, finding);
        if (problem !== undefined) problems.push(`${line.message}: ${problem}: ${inShort(line)}`);
      }
    }
  }
  if (expected.isTakenAway) {
    for (const to of missing) {
      const texts = sandbox.textsTo(to)?.count ?? 0;
      if (texts > 1) finding.doubled++;
      if (texts > 1 && !expected.mayDouble) problems.push(`taken away: texted ${texts} times`);
      if (texts === 0) finding.unsent++;
    }
    missing.clear();
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
  to: string,
  texts: number,
  { mayDouble, isResent }: Expected,
  finding: Omit<Finding, 'problems'>,
): string | undefined {
  const { attempts } = line;
  const state = line.opted_out.includes(to) ? 'opted_out' : line.state;
  const mayHaveLeft = attempts.filter(({ outcome }) => outcome === 'unconfirmed');
  if (texts > 1) {
    finding.doubled++;
    if (!mayDouble) return `texted ${texts} times`;
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
      // One that may have been sent outweighs a refusal that came after it, and that somebody opted out meanwhile.
      if (isResent && texts === 0 && attempts.at(-1)?.outcome !== 'rejected') {
        finding.lost++;
        return 'to be resent, and never texted';
      }
      // No reply of it was read; or a failure that says that some were accepted.
      if (mayHaveLeft.some(isUntold)) return undefined;
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
      // With its reply lost, or some of its numbers taken, it was to be sent again, and then was not.
      if (mayHaveLeft.length > 0 || attempts.some(({ outcome }) => outcome === 'shortfall'))
        return undefined;
      return texts > 0 ? `texted, though ${state}` : undefined;
  }
}

function isUntold({ accepted_count: accepted, http_status: status }: AuditAttempt): boolean {
  return accepted === null || (accepted > 0 && status !== null && status >= 500);
}

function inShort({ state, attempts }: AuditLine): string {
  const words = attempts.map(({ outcome, message }) => `${outcome} (${message ?? 'no words'})`);
  return `${state} after ${words.join(', ') || 'no attempt'}`;
}
