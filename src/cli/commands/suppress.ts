/** `volley suppress`: the opt-out list. Its parts `add`, `remove`, `check`, `import` and `count`. */
import { Command } from 'commander';
import type { Suppression } from '../../producer/producer.ts';
import { oneOf, wholeNumber } from '../arguments/option-values.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import type { ImportCommandOptions } from '../suppress/import.ts';
import { printJson } from '../terminal/output.ts';
import { counted, grouped } from '../view/figures.ts';
import { sizeWords } from '../view/opt-outs.ts';

const HELP = `
Examples:
  volley suppress add +6591234567 +6598765432
  volley suppress import opted-out.csv --rejects bad-rows.csv
  volley suppress check +6591234567
  volley suppress remove +6591234567
  volley suppress count --json

Who is on the list is not texted: neither by a campaign nor by a notification.
send leaves such rows out (suppressed). Right before each request the list is
asked again: who has opted out since is left out of it, counted opted_out, and
named in volley audit. Requests under way then are not called back.`;

const ADD_HELP = `
Examples:
  volley suppress add +6591234567 6598765432
  volley suppress add '9123 4567' --country SG

Where one of them is no number, none is added (exit 2).
--json: {numbers, added, count}: distinct numbers given, those that were new,
  and how many are on the list now.`;

const REMOVE_HELP = `
Examples:
  volley suppress remove +6591234567

Where one of them is no number, none is removed (exit 2).
--json: {numbers, removed, count}: distinct numbers given, those that were on
  the list, and how many are on it now.`;

const CHECK_HELP = `
Examples:
  volley suppress check +6591234567 +6598765432
  volley suppress check +6591234567 --json | jq .suppressed

--json: {suppressed, numbers: [{to, suppressed}]}: how many of them are on the
  list, and for each whether it is. Exit code 0 either way.`;

const COUNT_HELP = `
Examples:
  volley suppress count
  volley suppress count --json | jq .count

--json: {count}`;

const IMPORT_HELP = `
Examples:
  volley suppress import opted-out.csv
  volley suppress import numbers.txt --country SG --rejects bad-rows.csv
  crm-export | volley suppress import - --format ndjson

FILE is what volley send reads (CSV, NDJSON, JSON, .xlsx, any of them .gz), or
bare numbers, with or without a header.
Every number of every row goes on the list: those in columns that can be the
number's, also several in a cell, and those with a + in any other. Cells too few
or too many, bytes that are no UTF-8, a lost quote: none of it drops a row.
--phone-column NAME: no other column counts, unless it has no number.
A row without a number (invalid), and one in which something could not be read
though a number was taken (partly), are told by line and written in full to
--rejects; the exit code is then 3. Numbers without + that look like another
country's are taken as they were read, and the exit code is 3: read the warning.
Stopped midway, what was read by then is on the list; import it again. Where
--rejects cannot be written, the numbers are put on the list all the same.
--json: {rows, invalid, partly, blank, numbers, elsewhere, added, count}: rows
  are those with a number and the invalid; partly is part of those with one.
  blank are empty, and no rows. Of the numbers found, elsewhere stood outside of
  the number's column, and added were new; the others had been on the list.
  count is how many are on it now. national: {country, words}, with the warning.`;

interface NumberOptions {
  country?: string;
  json?: true;
}

export function suppressCommand(): Command {
  return new Command('suppress')
    .description('the opt-out list: numbers that are not texted')
    .addHelpText('after', HELP)
    .addCommand(
      changing('add', 'put numbers on the list', ADD_HELP)
        .argument('<numbers...>', 'international, with or without +; or national with --country')
        .action(add),
    )
    .addCommand(
      changing('remove', 'take numbers off the list', REMOVE_HELP)
        .argument('<numbers...>', 'international, with or without +; or national with --country')
        .action(remove),
    )
    .addCommand(
      reading('check', 'tell whether numbers are on the list', CHECK_HELP)
        .argument('<numbers...>', 'international, with or without +; or national with --country')
        .action(check),
    )
    .addCommand(
      changing('import', 'put the numbers of a file on the list', IMPORT_HELP)
        .argument('<file>', 'a list as of volley send, or numbers alone; - is standard input')
        .option(
          '--international',
          'numbers without + are international, whatever else they could be',
        )
        .option(
          '--phone-column <name>',
          'the one column with the number (default: all that can be)',
        )
        .option(
          '--header-row <n>',
          'the line with the names of the columns (default: found)',
          wholeNumber('--header-row', 1, 1000),
        )
        .option('--sheet <name>', 'the sheet of a workbook (default: the first)')
        .option(
          '--encoding <name>',
          'how the text is encoded, as in gb18030 (default: UTF-8, UTF-16)',
        )
        .option(
          '--format <format>',
          'csv, ndjson, json or xlsx (default: by the ending, or the first byte)',
          oneOf('--format', ['csv', 'ndjson', 'json', 'xlsx'] as const),
        )
        .option('--rejects <file>', 'where rows that could not be read are written in full')
        .action(async (file: string, options: ImportCommandOptions) => {
          const { runImport } = await import('../suppress/import.ts');
          await runImport(file, options);
        }),
    )
    .addCommand(
      new Command('count')
        .description('tell how many numbers are on the list')
        .option('--json', 'print one JSON object')
        .addHelpText('after', COUNT_HELP)
        .action(count),
    );
}

function reading(name: string, description: string, help: string): Command {
  return new Command(name)
    .description(description)
    .option('--country <code>', 'whose national numbers are understood, as in SG (default: none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help);
}

function changing(name: string, description: string, help: string): Command {
  return reading(name, description, help).option(
    '--yes',
    'answer every question with yes (there is none)',
  );
}

async function add(numbers: string[], options: NumberOptions): Promise<void> {
  const result = await withList((list) => list.add(numbers, { country: options.country }));
  isDone('the numbers are on the list');
  if (options.json) return printJson(result);
  const { numbers: given, added, count } = result;
  const before = given > added ? `; ${grouped(given - added)} had been on it before` : '';
  console.log(`${counted(added, 'number')} added${before}. ${sizeWords(count)}`);
}

async function remove(numbers: string[], options: NumberOptions): Promise<void> {
  const result = await withList((list) => list.remove(numbers, { country: options.country }));
  isDone('the numbers are not on the list');
  if (options.json) return printJson(result);
  const { numbers: given, removed, count } = result;
  const others = given > removed ? `; ${grouped(given - removed)} had not been on it` : '';
  console.log(`${counted(removed, 'number')} removed${others}. ${sizeWords(count)}`);
}

async function check(numbers: string[], options: NumberOptions): Promise<void> {
  const checked = await withList((list) => list.check(numbers, { country: options.country }));
  const suppressed = checked.filter((each) => each.suppressed).length;
  if (options.json) return printJson({ suppressed, numbers: checked });
  for (const each of checked) {
    console.log(`${each.to}  ${each.suppressed ? 'opted out' : 'not on the list'}`);
  }
}

async function count(options: { json?: true }): Promise<void> {
  const count = await withList((list) => list.count());
  if (options.json) return printJson({ count });
  console.log(sizeWords(count));
}

function withList<T>(work: (list: Suppression) => Promise<T>): Promise<T> {
  return withProducer(({ suppress }) => work(suppress));
}
