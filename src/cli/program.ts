/**
 * `volley` itself: its subcommands, and how an error becomes a line and an exit code. The files of the subcommands
 * hold their options only; what does the work is loaded when one runs, so that `--help` is there at once.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { refuseBlankValues } from './arguments/blank.ts';
import { auditCommand } from './commands/audit.ts';
import { campaignsCommand } from './commands/campaigns.ts';
import { cancelCommand } from './commands/cancel.ts';
import { completionCommand } from './commands/completion.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { forgetCommand } from './commands/forget.ts';
import { healthcheckCommand } from './commands/healthcheck.ts';
import { holdCommand, releaseCommand } from './commands/hold.ts';
import { notifyCommand } from './commands/notify.ts';
import { pauseCommand, resumeCommand } from './commands/pause.ts';
import { rateCommand } from './commands/rate.ts';
import { replayCommand } from './commands/replay.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { sendCommand } from './commands/send.ts';
import { statusCommand } from './commands/status.ts';
import { suppressCommand } from './commands/suppress.ts';
import { upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { workerCommand } from './commands/worker.ts';
import { endingOf } from './process/ending.ts';
import { watchOutput } from './terminal/output.ts';

const HELP = `
Examples:
  volley demo                          all of it at once, on this machine
  volley up                            one machine, for real: Redis and worker
  volley worker                        sends what is enqueued, until stopped
  volley send customers.csv --template promo --params name --wait
  volley status                        the fleet; with an id, one campaign
  volley audit black-friday --state rejected,unconfirmed
  volley replay black-friday           what failed, again; asks before it does

Settings come from the environment: REDIS_URL, ENGAGELAB_DEV_KEY,
ENGAGELAB_DEV_SECRET, VOLLEY_…; volley worker --help lists them.
Exit codes: 0 done, 1 failed, 2 wrong use or bad input, 3 done, but not for all:
recipients not accepted, or a person is needed (--wait), unreadable rows
(suppress import). 1 and 2 are never told after the deed; what failed then is
said on standard error.`;

/** @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  watchOutput();
  process.on('uncaughtException', (error) => {
    void endingOf({ error }).then((code) => process.exit(code));
  });
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    return endingOf({ error });
  }
  return endingOf();
}

export function createProgram(): Command {
  const program = new Command('volley')
    .description('Queue-backed bulk SMS through EngageLab: nobody texted twice, nobody lost.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'volley: ')),
    });
  const commands = [
    demoCommand(),
    upCommand(),
    workerCommand(),
    sendCommand(),
    notifyCommand(),
    campaignsCommand(),
    statusCommand(),
    pauseCommand(),
    resumeCommand(),
    cancelCommand(),
    auditCommand(),
    replayCommand(),
    verifyCommand(),
    forgetCommand(),
    rateCommand(),
    holdCommand(),
    releaseCommand(),
    suppressCommand(),
    sandboxCommand(),
    doctorCommand(),
    healthcheckCommand(),
    completionCommand(),
  ];
  program.showHelpAfterError('volley --help lists the commands');
  for (const command of commands) {
    refuseBlankValues(command);
    command.copyInheritedSettings(program);
    command.showHelpAfterError(`volley ${command.name()} --help lists its options`);
    for (const part of command.commands) {
      part.copyInheritedSettings(command);
      part.showHelpAfterError(`volley ${command.name()} ${part.name()} --help lists its options`);
    }
    program.addCommand(command);
  }
  return program;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(Object(JSON.parse(text)).version);
}
