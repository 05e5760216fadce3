/** `volley rate`: the fleet's limits, read or set. */
import { Command } from 'commander';
import type { FleetStatus, Limits } from '../../producer/producer.ts';
import { badOption, positive } from '../arguments/option-values.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { printJson } from '../terminal/output.ts';
import { grouped } from '../view/figures.ts';

const HELP = `
Examples:
  volley rate                          what holds, and what is really being sent
  volley rate 80                       at most 80 requests a second, whole fleet
  volley rate 80 --recipients 5000     and at most 5,000 recipients a second
  volley rate --recipients none        no limit on recipients any more
  volley rate --reset                  back to the workers' environment

Takes effect on all workers within a second and stays, over restarts too. What
is set here stands above VOLLEY_RATE and VOLLEY_RECIPIENT_RATE until --reset.
--json: {rate, recipient_rate, set_by, sending_per_s}; set_by is default,
environment or operator.`;

interface RateOptions {
  /** The word and not null, which commander turns into an empty text. */
  recipients?: number | 'none';
  reset?: true;
  yes?: true;
  json?: true;
}

export function rateCommand(): Command {
  return new Command('rate')
    .description("show or set the fleet's limits a second")
    .argument('[requests]', 'requests a second', positive('requests'))
    .option('--recipients <n>', 'recipients a second; none lifts the limit', (text: string) =>
      text === 'none' ? text : positive('--recipients')(text),
    )
    .option('--reset', "undo what was set, back to the workers' environment")
    .option('--yes', 'answer every question with yes (there is none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(rate: number | undefined, options: RateOptions): Promise<void> {
  const { recipients, reset } = options;
  const isChange = rate !== undefined || recipients !== undefined;
  if (reset && isChange)
    throw badOption('--reset', 'no limits beside it', String(rate ?? recipients));
  await withProducer(async (producer) => {
    const { fleet } = producer.inside;
    if (reset) await fleet.setLimits('reset');
    const recipientRate = recipients === 'none' ? null : recipients;
    if (isChange) await fleet.setLimits({ rate, recipientRate });
    if (reset || isChange) isDone('the limits are set');
    const limits = await fleet.limits();
    const status = await producer.status();
    if (options.json) {
      const { rate, recipient_rate, sending_per_s } = status;
      return printJson({ rate, recipient_rate, set_by: limits.setBy, sending_per_s });
    }
    console.log(rateLine(limits, status));
  });
}

function rateLine({ rate, recipientRate, setBy }: Limits, { sending_per_s }: FleetStatus): string {
  const recipients =
    recipientRate === undefined
      ? 'recipients without limit'
      : `${grouped(recipientRate)} recipients/s`;
  const by = {
    default: 'nobody has set it',
    environment: "from a worker's environment",
    operator: 'set by volley rate',
  };
  return `at most ${grouped(rate)} requests/s, ${recipients} (${by[setBy]}); now ${grouped(sending_per_s)}/s`;
}
