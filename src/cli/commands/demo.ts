/** `volley demo`: everything at once on this machine, to see what Volley does before anything is set up. */
import { Command } from 'commander';

const HELP = `
Examples:
  volley demo
  volley demo --json | jq .status.codes

Starts a Redis, a stand-in for EngageLab and a worker, sends a list of 10,000
rows with bad ones, duplicates and a stand-in that fails in many ways, and shows
what became of them. Some ten seconds; no text leaves this machine, no setting
is read, nothing is left running, and no file is left behind. It needs
redis-server or valkey-server on the PATH.

Exits 0 only if every row is accounted for, the recount agrees, and the stand-in
saw no number texted twice; 1 otherwise, saying what is wrong.
--json: {send, status, verify, attempts: [{outcome, code, http_status, message,
  count}], sandbox, seconds, problems: [], ok}`;

export function demoCommand(): Command {
  return new Command('demo')
    .description('a whole campaign on this machine: Redis, stand-in, worker, 10,000 rows')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (options: { json?: true }) => {
      const { runDemo } = await import('../demo/run.ts');
      await runDemo(options.json === true);
    });
}
