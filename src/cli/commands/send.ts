/** `volley send FILE`: enqueues a campaign, and with `--wait` watches it to its end. Its options, and what they mean. */
import { Command, Option } from 'commander';
import { HALT_AFTER } from '../../shared/halt.ts';
import { parseNames } from '../../shared/name-list.ts';
import {
  badOption,
  filledPairs,
  oneOf,
  pairs,
  positive,
  share,
  wholeNumber,
  wholeNumberOr,
} from '../arguments/option-values.ts';
import { parseTime } from '../arguments/time.ts';
import type { SendCommandOptions } from '../send/options.ts';

const HELP = `
Examples:
  volley send customers.csv --template promo --params name,code --dry-run \\
    --template-text "Hi {{name}}, your code is {{code}}"
  volley send customers.csv --template promo --params name,code
  volley send numbers.csv --template sale --param shop=Downtown --country SG
  volley send list.csv --template promo --params all --rejects bad.csv --wait
  volley send list.csv --template promo --params all --campaign black-friday \\
    --start-at 2026-11-27T09:00:00+08:00 --not-after 2026-11-27T20:00:00+08:00
  query | volley send - --campaign spring --template promo --params name
  volley send customers.csv --template promo --params all --json | jq .campaign

FILE is CSV (a header line; the number in a column phone, to or mobile, or what
shops, CRMs and fourteen languages call it), NDJSON
({"to": "+6591234567", "params": {"name": "Ada"}}), one JSON array of such
objects, or an Excel workbook (.xlsx). Any of them may be gzip.
Nothing is sent unless the list has been read to its end and every check has
passed: Ctrl-C until then leaves nothing behind. The same command again enqueues
nothing and says so; a changed list needs another --campaign. Without --campaign
the id is the file's name and 8 digits made of list, template and params.

--dry-run needs no credentials, and without Redis leaves out only what is known
there: opt-outs, the present rate, who was texted before. On a terminal send
shows the same and asks before anything is released; --yes skips the question.
--template-text: a variable in it that is no param is refused (it would go out
literally); the texts are counted in segments, as GSM-7 or UCS-2.
Where a fifth of the list's people or more were texted the same message
(template and params) within 24 hours by other campaigns, or are to be, it is
refused, unless --again; of fewer it only tells. Another order, format or row
makes no other list, and a campaign of which nothing left does not count.
--exclude FILE is read as volley suppress import reads one: every number of
every row is left out, whatever else the row holds. --phone-column counts for it
where it has such a column. What could not be read of it is a warning, by line;
numbers without + that look like another country's are refused, as in the list.

--canary N sends to the first N recipients of the list; then the campaign is
paused, with the rest waiting, until volley resume ID, which asks.
--halt-after N: where N messages in a row were refused under one code and none
was accepted between, as with a template that does not exist, the campaign is
paused until volley resume ID, which does not stop for that code again. Those
under way by then come on top: at most some VOLLEY_CONCURRENCY of each worker.

Params are chosen, never guessed: a CSV with further columns and neither
--params, --column nor --param is refused. --params '' sends none of them. An
NDJSON list sends all its params unless --params chooses.
--params is a line of CSV: a column whose name has a comma or a quote in it
stands in quotes, as in --params '"name, first",code'. Names are matched exactly
or, where that is unique, without regard to case; sent is the name given here.
--column name='First Name' sends that column as the param name; alone it sends
no others, beside --params it adds to them, with --params all it renames.
--header-row N: the names of the columns stand on line N, as an editor counts;
what is above is no row. A first line sep=; says what stands between cells.
--rejects is CSV: line, reason, detail, row (as it was written). Where the list
was read to its end the file is made even if no row is invalid, with a header
alone, so that no older one is taken for it.
--wait: Ctrl-C ends the waiting, not the campaign.
TIME is ISO 8601 with an offset or Z.

--json: {campaign, rows, invalid, duplicate, suppressed, recipients, blank,
  messages, jobs, released}; released is false where the same command had been
  run before. blank are lines that are empty in every cell: no rows.
  With --wait also status, which is what volley status ID --json prints.
  With --dry-run released is false, dry_run true, and problem says why send
  would be refused (the exit code is then 2); also already_sent, sent_before
  ([{campaign, at, texted, pending, of, certainty}]; null where nobody looked),
  redis (whether it was there to ask), excluded, reasons, first_invalid,
  placeholders and fallbacks (both in rows), countries and kinds (recipients by
  them), without_plus, national, warnings, params, number_column,
  unused_columns, rate, recipient_rate, seconds, and texts (--template-text).
Exit codes: 0 done, 1 failed or stopped, 2 wrong use or bad input, 3 (--wait)
finished with recipients not accepted, or paused where somebody is to look: at
its canary's end, or after a halt. One that somebody paused is waited for.`;

export function sendCommand(): Command {
  const command = new Command('send')
    .description('enqueue a campaign: one template to the recipients of a list')
    .argument('<file>', 'the list: CSV, NDJSON, JSON or .xlsx, also .gz; - is standard input');
  addListOptions(command);
  addPaceOptions(command);
  addSendingOptions(command);
  return command
    .addHelpText('after', HELP)
    .action(async (file: string, options: SendCommandOptions) => {
      const { runSend } = await import('../send/run.ts');
      await runSend(file, options);
    });
}

/** What is sent to whom, and how the list is read. */
function addListOptions(command: Command): void {
  command
    .requiredOption('--template <id>', "EngageLab's id of the template")
    .option('--campaign <id>', 'a-z 0-9 . _ - (default: from the file, template and params)')
    .option(
      '--params <names>',
      'the columns to send, as in name,code (a line of CSV); or all',
      parseParams,
    )
    .option('--param <name=value>', 'a param with one value for all (repeatable)', pairs('--param'))
    .option(
      '--column <param=column>',
      'a param from a column of another name (repeatable)',
      filledPairs('--column'),
    )
    .option(
      '--fallback <param=value>',
      'sent where the value is empty (repeatable)',
      pairs('--fallback'),
    )
    .option('--phone-column <name>', 'the column with the number (default: found by its name)')
    .option(
      '--header-row <n>',
      'the line with the names of the columns (default: 1)',
      wholeNumber('--header-row', 1, 1000),
    )
    .option('--sheet <name>', 'the sheet of a workbook (default: the first)')
    .option('--encoding <name>', 'how the text is encoded, as in gb18030 (default: UTF-8, UTF-16)')
    .option('--country <code>', 'whose national numbers are understood, as in SG (default: none)')
    .option('--international', 'numbers without + are international, whatever else they could be')
    .option(
      '--numbers <rule>',
      'valid: as the country gives out; possible: any of a possible length (default: valid)',
      oneOf('--numbers', ['valid', 'possible'] as const),
    )
    .option('--allow-empty', 'send empty params (default: such a row is invalid)')
    .option(
      '--batch-size <n>',
      'most numbers in a request (default: VOLLEY_BATCH_SIZE, or 500)',
      wholeNumber('--batch-size', 1, 10_000),
    )
    .addOption(
      new Option('--max-invalid <share>', 'with more invalid rows, nothing is sent; 10% or 0.1')
        .argParser(share('--max-invalid'))
        .default(0.1, '10%'),
    )
    .option('--rejects <file>', 'where invalid rows are written in full')
    .option(
      '--format <format>',
      'csv, ndjson, json or xlsx (default: by the ending, or the first byte)',
      oneOf('--format', ['csv', 'ndjson', 'json', 'xlsx'] as const),
    );
}

/** When it goes out, and how fast. */
function addPaceOptions(command: Command): void {
  const time = (option: string) => (text: string) => parseTime(option, text);
  command
    .option('--at <time>', 'EngageLab delivers then (3 minutes to 30 days ahead)', time('--at'))
    .option('--start-at <time>', 'Volley starts to send then', time('--start-at'))
    .option('--not-after <time>', 'what is not sent by then expires', time('--not-after'))
    .option(
      '--rate <n>',
      "requests a second of this campaign, under the fleet's",
      positive('--rate'),
    )
    .option(
      '--recipient-rate <n>',
      "recipients a second of this campaign, under the fleet's",
      positive('--recipient-rate'),
    );
}

/** What else counts for its messages, and what the command itself does. */
function addSendingOptions(command: Command): void {
  command
    .option(
      '--on-unconfirmed <policy>',
      'park: never text twice; resend: never miss anybody',
      oneOf('--on-unconfirmed', ['park', 'resend'] as const),
      'park',
    )
    .option(
      '--halt-after <n>',
      `refused in a row under one code, n messages pause it; or never (default: ${HALT_AFTER})`,
      wholeNumberOr('--halt-after', 1, 1_000_000, 'never'),
    )
    .option(
      '--custom-arg <name=value>',
      'handed back in callbacks (repeatable)',
      pairs('--custom-arg'),
    )
    .option('--plan-name <name>', "shown in EngageLab's console (default: the campaign's id)")
    .option('--exclude <file>', 'leave out the numbers of this list, counted as suppressed')
    .option(
      '--canary <n>',
      'send to the first n recipients, then pause until volley resume ID',
      wholeNumber('--canary', 1, 1_000_000),
    )
    .option('--again', 'send also to people who were texted the same within 24 hours')
    .option(
      '--template-text <text>',
      'its text, as in "Hi {{name}}": checked, rendered and counted, not sent',
    )
    .option('--dry-run', 'read the whole list and say what it would come to; enqueue nothing')
    .option('--wait', 'wait until the campaign has finished, and exit 3 unless all are accepted')
    .option('--yes', 'do not ask before sending (asked on a terminal only)')
    .option('--json', 'print one JSON object');
}

/** `all` in quotes is a column of that name. */
function parseParams(text: string): readonly string[] | 'all' {
  if (text.trim() === 'all') return 'all';
  if (text.trim() === '') return [];
  try {
    return parseNames(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badOption('--params', `names as in a line of CSV, ${error.message}`, text);
  }
}
