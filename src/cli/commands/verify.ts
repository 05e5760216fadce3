/** `volley verify ID`: recounts a campaign from its jobs, and fails on any difference. */
import { Command } from 'commander';
import type { Verification } from '../../producer/producer.ts';
import { withProducer } from '../process/session.ts';
import { green, printJson, red, yellow } from '../terminal/output.ts';
import { counted, goneWords, grouped } from '../view/figures.ts';
import { tableLines } from '../view/table.ts';

const HELP = `
Examples:
  volley verify black-friday
  volley verify black-friday --json | jq .differences

Reads every job and its ledger, counts what became of each recipient, and
compares that with the counts that volley status shows. Exits 1 on any
difference. A campaign that is being sent meanwhile cannot be verified (2).
Jobs that another program, or Redis, removed cannot be recounted: what they came
to is taken from what was written down of them, or from the counts themselves.
--json: {campaign, verified, jobs, messages, recipients, gone: {jobs,
  recipients}, differences: [{count, stored, recounted}]}; jobs and messages are
  those that were read, gone are those that were not`;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('recount a campaign from its jobs; exits 1 on any difference')
    .argument('<id>', 'the campaign')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string, options: { json?: true }): Promise<void> {
  const verification = await withProducer((producer) => producer.verify(id));
  if (options.json) printJson(verification);
  else for (const line of verificationLines(verification)) console.log(line);
  if (!verification.verified) process.exitCode = 1;
}

export function verificationLines(verification: Verification): string[] {
  const { campaign, verified, jobs, messages, recipients, gone, differences } = verification;
  const read = `${counted(recipients - gone.recipients, 'recipient')} in ${counted(messages, 'message')}, ${counted(jobs, 'job')}`;
  const left = `  ${goneWords(gone.jobs)}, with ${counted(gone.recipients, 'recipient')}`;
  const missing = gone.jobs > 0 ? [yellow(left)] : [];
  if (verified)
    return [
      `${campaign}  ${green('verified')}: ${read}; every count is what the jobs say`,
      ...missing,
    ];
  const rows = differences.map(({ count, stored, recounted }) => [
    `  ${count}`,
    grouped(stored),
    grouped(recounted),
  ]);
  const header = ['  count', 'stored', 'recounted'];
  return [
    `${campaign}  ${red('not verified')}: ${read}`,
    ...missing,
    ...(differences.length > 0
      ? tableLines([header, ...rows], ['left', 'right', 'right'])
      : ['  the counts are what the jobs say, but the rows do not add up']),
  ];
}
