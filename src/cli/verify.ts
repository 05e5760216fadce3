/** `volley verify ID`: recounts a campaign from its jobs, and fails on any difference. */
import { Command } from 'commander';
import type { Verification } from '../producer/verify.ts';
import { counted, grouped } from './figures.ts';
import { green, printJson, red } from './output.ts';
import { withSession } from './session.ts';
import { tableLines } from './table.ts';

const HELP = `
Examples:
  volley verify black-friday
  volley verify black-friday --json | jq .differences

Reads every job and its ledger, counts what became of each recipient, and
compares that with the counts that volley status shows. Exits 1 on any
difference. A campaign that is being sent meanwhile cannot be verified (2).
--json: {campaign, verified, jobs, messages, recipients,
  differences: [{count, stored, recounted}]}`;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('recount a campaign from its jobs; exits 1 on any difference')
    .argument('<id>', 'the campaign')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string, options: { json?: true }): Promise<void> {
  const { verify } = await import('../producer/verify.ts');
  const verification = await withSession(({ redis, keys }) => verify(redis, keys, id));
  if (options.json) printJson(verification);
  else for (const line of verificationLines(verification)) console.log(line);
  if (!verification.verified) process.exitCode = 1;
}

export function verificationLines(verification: Verification): string[] {
  const { campaign, verified, jobs, messages, recipients, differences } = verification;
  const read = `${counted(recipients, 'recipient')} in ${counted(messages, 'message')}, ${counted(jobs, 'job')}`;
  if (verified)
    return [`${campaign}  ${green('verified')}: ${read}; every count is what the jobs say`];
  const rows = differences.map(({ count, stored, recounted }) => [
    `  ${count}`,
    grouped(stored),
    grouped(recounted),
  ]);
  const header = ['  count', 'stored', 'recounted'];
  return [
    `${campaign}  ${red('not verified')}: ${read}`,
    ...(differences.length > 0
      ? tableLines([header, ...rows], ['left', 'right', 'right'])
      : ['  the counts are what the jobs say, but the rows do not add up']),
  ];
}
