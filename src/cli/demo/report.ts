/** The demo's words: what it starts with, what came of the campaign, and what to type next. */
import type {
  AuditAttempt,
  AuditLine,
  CampaignStatus,
  SendResult,
  Verification,
} from '../../producer/producer.ts';
import type { Stats } from '../../sandbox/index.ts';
import { bold, dim, green, red } from '../terminal/output.ts';
import { countLines } from '../view/campaign.ts';
import { counted, grouped } from '../view/figures.ts';
import { tableLines } from '../view/table.ts';
import type { AttemptCount, AuditDigest } from './audit.ts';
import { DEMO_ROWS } from './list.ts';

/** What came of the demo's campaign. */
export interface DemoOutcome {
  result: SendResult;
  status: CampaignStatus;
  verification: Verification;
  audit: AuditDigest;
  stats: Stats;
  seconds: number;
  problems: string[];
}

export function introduction(
  redisPort: number,
  sandboxPort: number,
  rates: Readonly<Record<string, number>>,
): string[] {
  const share = Object.values(rates).reduce((sum, rate) => sum + rate, 0);
  return [
    bold('Volley demo: a campaign on this machine; no text leaves it.'),
    `  Redis on port ${redisPort}, a stand-in for EngageLab on port ${sandboxPort}, one worker`,
    `  A list of ${grouped(DEMO_ROWS)} rows: some bad, some twice, most with a text of their own`,
    `  The stand-in fails ${Math.round(share * 100)} of 100 requests, in ${Object.keys(rates).length} ways`,
    '',
  ];
}

export function reportLines(outcome: DemoOutcome): string[] {
  const { result, status, verification, audit, stats, seconds } = outcome;
  const again = stats.texted_again;
  const passed = status.balanced && verification.verified;
  return [
    `${bold(`Campaign ${result.campaign}`)}  ${status.state} after ${seconds.toFixed(1)} s`,
    ...countLines(status),
    dim(`  rows = invalid + duplicate + suppressed + recipients; recipients = all below`),
    '',
    bold('What came back, attempt by attempt'),
    ...attemptLines(audit.attempts),
    '',
    bold('In the audit, for example'),
    ...audit.examples.flatMap(exampleLines),
    '',
    bold('Checked'),
    `  by the counts     ${status.balanced ? green('every row is accounted for') : red('the rows do not add up')}`,
    `  by a recount      ${passed ? green('every count is what the jobs say') : red('it differs')}: ` +
      `${counted(verification.messages, 'message')} in ${counted(verification.jobs, 'job')}`,
    `  by the stand-in   ${again === 0 ? green('nobody was texted twice') : red(`${again} numbers texted again`)}: ` +
      `${grouped(stats.texts)} texts to ${grouped(stats.numbers)} numbers`,
  ];
}

export function nextSteps(): string {
  return `
${bold('What to type next')}
  bin/volley sandbox &                      the stand-in, on port 4010
  export ENGAGELAB_BASE_URL=http://127.0.0.1:4010
  export ENGAGELAB_DEV_KEY=sandbox ENGAGELAB_DEV_SECRET=sandbox
  bin/volley up --data trial &              a Redis that keeps data, a worker
  bin/volley send YOUR-LIST.csv --template promo --params all --wait
  bin/volley send --help                    all about lists`;
}

const CONSEQUENCES: Readonly<Record<AuditAttempt['outcome'], string>> = {
  accepted: 'done',
  shortfall: 'done; not all accepted',
  retry: 'sent again, after a pause',
  throttled: 'the fleet pauses',
  unauthorized: 'the fleet pauses',
  rejected: 'dropped at once',
  unconfirmed: 'perhaps sent: a person decides',
  open: 'under way',
};

function attemptLines(attempts: readonly AttemptCount[]): string[] {
  const rows = attempts.map((attempt) => [
    `  ${attempt.outcome}`,
    grouped(attempt.count),
    replyWords(attempt),
    CONSEQUENCES[attempt.outcome],
  ]);
  return tableLines(rows, ['left', 'right', 'left', 'left']);
}

function replyWords({ outcome, code, http_status, message }: AttemptCount): string {
  if (code !== null) return `${code} ${message ?? ''}`;
  if (http_status === null) return 'no reply';
  return `HTTP ${http_status}${outcome === 'unconfirmed' ? ', unreadable' : ''}`;
}

function exampleLines({ message, state, to, plan_id, attempts }: AuditLine): string[] {
  const numbers = to.length === 1 ? to[0] : `${to[0]} and ${to.length - 1} more`;
  return [
    `  ${message}  ${numbers}  ${state}${plan_id === null ? '' : `  plan ${plan_id}`}`,
    ...attempts.map((attempt, at) => dim(`    attempt ${at + 1}: ${attemptWords(attempt)}`)),
  ];
}

function attemptWords({ outcome, ms, http_status, code, message }: AuditAttempt): string {
  const reply = http_status === null ? 'no reply' : `HTTP ${http_status}`;
  const words = [code, message].filter((word) => word !== null).join(' ');
  return `${reply}${words === '' ? '' : ` (${words})`} after ${ms ?? 0} ms: ${outcome}`;
}
