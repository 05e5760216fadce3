/** `volley pause ID` and `volley resume ID`: stop one campaign, and have it go on. */
import { Command } from 'commander';
import { controlJson, printControl } from './control-view.ts';
import { isDone } from './ending.ts';
import { counted } from './figures.ts';
import { printJson } from './output.ts';
import { withSession } from './session.ts';

const PAUSE_HELP = `
Examples:
  volley pause black-friday
  volley pause black-friday --json | jq .pending

When it returns, nothing further of the campaign leaves until volley resume;
that takes up to 2 s. Requests that had left are still written down. One that
is being enqueued or has yet to start waits from then on. Waiting uses up no
attempt, but --not-after passes all the same.
--json: {…, changed}: as volley status ID --json prints it, and whether it was
not paused before`;

const RESUME_HELP = `
Examples:
  volley resume black-friday

Workers go on with it within a second.
--json: {…, changed}: as volley status ID --json prints it, and whether it was
paused before`;

export function pauseCommand(): Command {
  return new Command('pause')
    .description('stop one campaign, until it is resumed')
    .argument('<id>', 'the campaign')
    .option('--yes', 'answer every question with yes (there is none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', PAUSE_HELP)
    .action(runPause);
}

export function resumeCommand(): Command {
  return new Command('resume')
    .description('have a paused campaign go on')
    .argument('<id>', 'the campaign')
    .option('--yes', 'answer every question with yes (there is none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', RESUME_HELP)
    .action(runResume);
}

async function runPause(id: string, options: { json?: true }): Promise<void> {
  const { pause } = await import('../producer/pause.ts');
  const result = await withSession(({ redis, keys }) => pause(redis, keys, id));
  isDone(`${id} is paused`);
  if (options.json) return printJson(controlJson(result));
  const waiting =
    result.state === 'enqueuing'
      ? 'it is still being enqueued'
      : `${counted(result.pending, 'recipient')} waiting`;
  printControl(
    result,
    result.changed
      ? `paused: nothing further leaves until volley resume ${id}; ${waiting}`
      : `it was paused already; ${waiting}`,
  );
}

async function runResume(id: string, options: { json?: true }): Promise<void> {
  const { resume } = await import('../producer/pause.ts');
  const result = await withSession(({ redis, keys }) => resume(redis, keys, id));
  isDone(`${id} is not paused any more`);
  if (options.json) return printJson(controlJson(result));
  const pending = `${counted(result.pending, 'recipient')} pending`;
  printControl(
    result,
    result.changed
      ? `resumed: ${result.state}, ${pending}`
      : `it was not paused: ${result.state}, ${pending}`,
  );
}
