/** `volley doctor`: whether all that Volley needs is there, and how to mend what is not. */
import { Command } from 'commander';
import { readSettings } from '../process/settings.ts';
import { bold, green, printJson, red, yellow } from '../terminal/output.ts';
import { checkOf } from '../view/examination.ts';

const HELP = `
Examples:
  volley doctor
  volley doctor --json | jq '.checks[] | select(.status != "ok")'

Looks at Redis (reachable, what its user may do, writable, version, memory and
eviction, persistence), at workers and where they send, at the valve, at the way
to EngageLab, which it goes as a worker does (proxy, name, address, TLS and its
certificate), at EngageLab itself (credentials: it is sent an empty request,
which texts nobody) and at the clocks of all of them.
Exits 0 where nothing fails, 1 otherwise; a warning is no failure.
--json: {ok, checks: [{check, status, detail, mend}]}; status is ok, warning or
failed.`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check Redis, credentials and clocks, and say how to mend them')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: { json?: true }): Promise<void> {
  const config = await readSettings();
  const { examine } = await import('../../producer/producer.ts');
  const checks = (await examine(config)).map(checkOf);
  const ok = checks.every(({ status }) => status !== 'failed');
  process.exitCode = ok ? 0 : 1;
  if (options.json) return printJson({ ok, checks });
  const marks = { ok: green('ok     '), warning: yellow('warning'), failed: red('failed ') };
  for (const { check, status, detail, mend } of checks) {
    console.log(`${marks[status]}  ${bold(check)}: ${detail}`);
    if (mend !== null) console.log(`         ${mend}`);
  }
}
