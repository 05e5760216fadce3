/** `volley send FILE`: enqueues a campaign, and with `--wait` watches it to its end. Its options, and what they mean. */
import { Command } from 'commander';
import type { OnUnconfirmed } from '../shared/job.ts';
import { oneOf, pairs, share, wholeNumber } from './option-values.ts';
import { parseTime } from './time.ts';

const HELP = `
Examples:
  volley send customers.csv --template promo --params name,code --campaign black-friday
  volley send numbers.csv --template sale --params '' --param shop=Downtown --country SG --wait
  volley send list.csv --template promo --params all --start-at 2026-11-27T09:00:00+08:00 --rejects bad.csv
  psql -c 'COPY (…) TO STDOUT CSV HEADER' | volley send - --campaign spring --template promo --params name
  volley send customers.csv --template promo --params all --json | jq .campaign

FILE is CSV (a header line; the number in a column phone, to or mobile) or NDJSON
({"to": "+6591234567", "params": {"name": "Ada"}}); - is standard input, and needs --campaign.
Nothing is sent unless the whole list has been read and every check has passed: Ctrl-C until then leaves
nothing behind. The same command again enqueues nothing and says so; a changed list needs another --campaign.
Without --campaign the id is the file's name and 8 digits of its list, template and params.

Params are chosen, never guessed: a CSV with further columns and none of --params and --param is refused.
An NDJSON list sends all its params unless --params chooses. --params '' sends none of the columns.
--rejects: CSV with the columns line, reason, detail, row; the row as it was written. When the list has been
  read it is written even where no row is invalid (a header alone), so that no older file is taken for it.
--wait: Ctrl-C stops the waiting, not the campaign.
TIME is ISO 8601 with an offset or Z, as in 2026-11-27T09:00:00+08:00.

--json: {campaign, rows, invalid, duplicate, suppressed, recipients, messages, jobs, released}; released is
  false where the same command had been run before. With --wait also status: as volley status ID --json.
Exit codes: 0 done, 1 failed or stopped, 2 wrong use or bad input, 3 (--wait) some recipients not accepted.`;

export interface SendCommandOptions {
  readonly template: string;
  readonly campaign?: string;
  readonly params?: readonly string[] | 'all';
  readonly param?: Record<string, string>;
  readonly phoneColumn?: string;
  readonly country?: string;
  readonly allowEmpty?: true;
  readonly batchSize?: number;
  readonly maxInvalid: number;
  readonly rejects?: string;
  readonly format?: 'csv' | 'ndjson';
  readonly at?: number;
  readonly startAt?: number;
  readonly notAfter?: number;
  readonly onUnconfirmed: OnUnconfirmed;
  readonly customArg?: Record<string, string>;
  readonly planName?: string;
  readonly wait?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function sendCommand(): Command {
  const time = (option: string) => (text: string) => parseTime(option, text);
  return new Command('send')
    .description('enqueue a campaign: one template to the recipients of a list')
    .argument('<file>', 'the list, CSV or NDJSON; - is standard input')
    .requiredOption('--template <id>', "EngageLab's id of the template")
    .option('--campaign <id>', 'a-z 0-9 . _ - (default: from the file, template and params)')
    .option('--params <names>', 'the columns to send, as in name,code; or all', parseParams)
    .option('--param <name=value>', 'a param with one value for all (repeatable)', pairs('--param'))
    .option('--phone-column <name>', 'the column with the number (default: phone, to or mobile)')
    .option('--country <code>', 'whose national numbers are understood, as in SG (default: none)')
    .option('--allow-empty', 'send empty params (default: such a row is invalid)')
    .option(
      '--batch-size <n>',
      'most numbers in a request (default: VOLLEY_BATCH_SIZE, or 500)',
      wholeNumber('--batch-size', 1, 10_000),
    )
    .option(
      '--max-invalid <share>',
      'with more invalid rows than this nothing is sent, as in 10% or 0.1',
      share('--max-invalid'),
      0.1,
    )
    .option('--rejects <file>', 'where invalid rows are written in full')
    .option(
      '--format <format>',
      'csv or ndjson (default: by the ending, or the first byte)',
      oneOf('--format', ['csv', 'ndjson'] as const),
    )
    .option('--at <time>', 'EngageLab delivers then (3 minutes to 30 days ahead)', time('--at'))
    .option('--start-at <time>', 'Volley starts to send then', time('--start-at'))
    .option('--not-after <time>', 'what is not sent by then expires', time('--not-after'))
    .option(
      '--on-unconfirmed <policy>',
      'park: never text twice; resend: never miss anybody',
      oneOf('--on-unconfirmed', ['park', 'resend'] as const),
      'park',
    )
    .option(
      '--custom-arg <name=value>',
      'handed back in callbacks (repeatable)',
      pairs('--custom-arg'),
    )
    .option('--plan-name <name>', "shown in EngageLab's console (default: the campaign's id)")
    .option('--wait', 'wait until the campaign has finished, and exit 3 unless all are accepted')
    .option('--yes', 'answer every question with yes (there is none yet)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: SendCommandOptions) => {
      const { runSend } = await import('./send-run.ts');
      await runSend(file, options);
    });
}

function parseParams(text: string): readonly string[] | 'all' {
  if (text.trim() === 'all') return 'all';
  return text.trim() === '' ? [] : text.split(',').map((name) => name.trim());
}
