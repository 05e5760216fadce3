/** `volley forget ID`: removes a finished campaign's jobs from Redis. */
import { Command } from 'commander';
import type { Producer } from '../../producer/producer.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { confirm } from '../terminal/ask.ts';
import { bold, printJson } from '../terminal/output.ts';
import { counted, memorySize, moment } from '../view/figures.ts';

const HELP = `
Examples:
  volley audit black-friday --format csv --out black-friday.csv
  volley forget black-friday
  volley forget black-friday --yes --json | jq .freed_bytes

Removes the jobs of a campaign that is finished, or cancelled and put away, and
with them its audit; replay and verify need them too. Its id, its counts and
the fingerprint of its list stay, so that the same list is still known as sent.
Workers do this to every campaign VOLLEY_RETAIN_DAYS after its end. Stopped
half-way, it goes on when run again.
On a terminal it asks first.
--json: {campaign, forgotten_at, freed_bytes, jobs, changed}`;

export function forgetCommand(): Command {
  return new Command('forget')
    .description("remove a finished campaign's jobs from Redis")
    .argument('<id>', 'the campaign')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string, options: { yes?: true; json?: true }): Promise<void> {
  const result = await withProducer(async (producer) => {
    if (!options.yes) await ask(producer, id);
    return producer.forget(id);
  });
  isDone(`${id} is forgotten`);
  if (options.json) return printJson(result);
  const { changed, jobs, freed_bytes, forgotten_at } = result;
  const before =
    forgotten_at === null ? 'there was nothing of it' : `forgotten at ${moment(forgotten_at)}`;
  console.log(
    changed
      ? `${bold(id)}  forgotten: ${counted(jobs, 'job')} removed, about ${memorySize(freed_bytes)} of Redis freed`
      : `${bold(id)}  it was forgotten already: ${before}`,
  );
}

async function ask(producer: Producer, id: string): Promise<void> {
  const { state, forgotten_at, recipients } = await producer.status(id);
  // Only what will be done needs a question; else forget itself says why not.
  if (forgotten_at !== null || (state !== 'finished' && state !== 'cancelled')) return;
  await confirm(
    `Forget ${id}: no audit of its ${counted(recipients, 'recipient')} is left then. Sure?`,
  );
}
