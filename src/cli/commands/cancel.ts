/** `volley cancel ID`: ends one campaign; what has not been sent never is. */
import { Command } from 'commander';
import type { Producer } from '../../producer/producer.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { confirm } from '../terminal/ask.ts';
import { printJson } from '../terminal/output.ts';
import { controlJson, printControl } from '../view/control.ts';
import { counted, grouped } from '../view/figures.ts';

const HELP = `
Examples:
  volley cancel black-friday
  volley cancel black-friday --yes --json | jq .cancelled

When it returns, nothing further of the campaign leaves, and whatever had not
is counted as cancelled: that takes up to 2 s, however large the campaign is.
Requests that had left are still written down. A send that is enqueuing it
stops. A replay sends what was cancelled after all.
On a terminal it asks first.
--json: {…, changed}: as volley status ID --json prints it, and whether it was
not cancelled before`;

export function cancelCommand(): Command {
  return new Command('cancel')
    .description('end one campaign: what has not been sent never is')
    .argument('<id>', 'the campaign')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string, options: { yes?: true; json?: true }): Promise<void> {
  const result = await withProducer(async (producer) => {
    if (!options.yes) await ask(producer, id);
    return producer.cancel(id);
  });
  isDone(`${id} is cancelled`);
  if (options.json) return printJson(controlJson(result));
  const { cancelled, accepted, recipients, changed } = result;
  const words =
    recipients === 0
      ? 'nothing of it was sent'
      : `${counted(cancelled, 'recipient')} cancelled, ${grouped(accepted)} accepted`;
  printControl(result, `${changed ? 'cancelled' : 'it was cancelled already'}: ${words}`);
}

async function ask(producer: Producer, id: string): Promise<void> {
  const { state, pending } = await producer.status(id);
  // What is over already needs no question; the answer is in what cancel says.
  if (state === 'cancelled' || state === 'finished') return;
  const what =
    state === 'enqueuing' || state === 'abandoned'
      ? `it is ${state}, and nothing of it would be sent`
      : `${counted(pending, 'recipient')} would not be texted`;
  await confirm(`Cancel ${id}: ${what}. Sure?`);
}
