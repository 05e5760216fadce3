/** `volley pause ID` and `volley resume ID`: stop one campaign, and have it go on. */
import { Command } from 'commander';
import type { ControlResult, HeldBack } from '../../producer/producer.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { confirm } from '../terminal/ask.ts';
import { printJson } from '../terminal/output.ts';
import { controlJson, printControl } from '../view/control.ts';
import { counted } from '../view/figures.ts';

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
  volley resume notifications

It takes off a pause and nothing else: a canary that was under way goes on to
its own end and waits there. Where nobody has paused it and its canary is over
(send --canary), it sends the rest; on a terminal it asks first, with the number
of people. Workers go on with it within a second. One that had halted (send
--halt-after) does not stop for the same code again; a replay that begins later
does.
Whatever another program, such as a dashboard, has set on its queue in BullMQ (a
pause, a global concurrency or rate limit) it takes off, too; so it does of
notifications, which have no other pause.
--json: {…, changed}: as volley status ID --json prints it, and whether it was
paused before. After a halt also passes: the code that it does not stop for
again`;

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
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', RESUME_HELP)
    .action(runResume);
}

async function runPause(id: string, options: { json?: true }): Promise<void> {
  const result = await withProducer((producer) => producer.pause(id));
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

async function runResume(id: string, options: { yes?: true; json?: true }): Promise<void> {
  const result = await withProducer((producer) =>
    producer.resume(id, options.yes ? {} : { confirm: ask }),
  );
  if (result.changed) isDone(`${id} is not paused any more`);
  if (options.json) return printJson(controlJson(result));
  printControl(result, resumeWords(result));
}

async function ask({ campaign, recipients }: HeldBack): Promise<boolean> {
  await confirm(`The canary of ${campaign} is over. Send to the other ${people(recipients)}?`);
  return true;
}

const people = (count: number) => counted(count, 'recipient');

function resumeWords(result: ControlResult): string {
  const { campaign, changed, state, pending, canary, passes } = result;
  const past = passes === undefined ? '' : `; it does not stop for ${passes} again`;
  if (canary?.over) {
    const rest = `its canary is over; volley resume ${campaign} again sends to the other ${people(pending)}`;
    return changed ? `no longer paused: ${rest}${past}` : `nothing was changed: ${rest}`;
  }
  const words =
    canary && state !== 'paused'
      ? `its canary is under way, and the other ${people(canary.held)} wait for its end`
      : `${state}, ${people(pending)} pending`;
  return changed ? `resumed: ${words}${past}` : `it was not paused: ${words}`;
}
