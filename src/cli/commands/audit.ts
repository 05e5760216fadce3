/** `volley audit ID`: what became of every message, one line each, in the order of the list. */
import { Command } from 'commander';
import type { AuditFilter, AuditLine } from '../../producer/producer.ts';
import { VolleyError } from '../../shared/errors.ts';
import { STATES, type State } from '../../shared/outcome.ts';
import { badOption, oneOf, oneOrMoreOf } from '../arguments/option-values.ts';
import { withProducer } from '../process/session.ts';
import { claimSignals } from '../process/signals.ts';
import { warn, writeOut } from '../terminal/output.ts';
import { OutputFile } from '../terminal/output-file.ts';
import { AUDIT_COLUMNS, auditCsvHeader, auditCsvLine } from '../view/audit-csv.ts';
import { AuditList } from '../view/audit-list.ts';
import { counted, goneWords } from '../view/figures.ts';

const FORMATS = ['ndjson', 'csv', 'list'] as const;

const HELP = `
Examples:
  volley audit black-friday | head -3
  volley audit black-friday --state rejected,exhausted --code 3002,5001
  volley audit black-friday --format csv --out audit.csv.gz
  volley audit black-friday --state rejected --format list --out again.csv
  volley audit --to "+65 9123 4567"    what was ever sent to them, and answered

Without an ID, --to looks through all campaigns. --out FILE.gz is gzip.

ndjson: {campaign, message, job, state, to, opted_out, template, params,
  plan_id, message_id, task_id, total_count, accepted_count, http_status, code,
  detail, attempts: [{at, ms, outcome, http_status, code, message, plan_id,
  total_count, accepted_count, opted_out, note}], replays: [{chapter, at, by}],
  replayed_as, replayed_from, enqueued_at, finished_at}
opted_out: numbers on the opt-out list by then, which a request left out. Where
others in the message were texted its state is what became of them, so all that
opted out are found by  volley audit ID | jq -r '.opted_out[]'
csv: ${columnList(AUDIT_COLUMNS)}
  to and opted_out are joined by spaces, params is JSON, attempts is their
  number, last_… are those of the last attempt. Cells are as they are: nothing
  is put before a + or = to keep a spreadsheet from calculating with it, so
  import all columns as text.
list: a row for each number with its params, which volley send reads: CSV with a
  column phone, or NDJSON if --out ends in .ndjson. It needs --state or --code.
attempts has those of all replays. Where a replay made new messages of one, its
to is empty, replayed_as names them, and theirs have it as replayed_from; it
counts as nothing any more, so --state and --code leave it out.
Times are Unix ms, ids text, numbers not masked. Filters given together must all
fit; --code looks at the attempt that decided. Jobs that are gone, for another
program or Redis removed them, are left out, and told of on standard error.`;

interface Options {
  readonly format: (typeof FORMATS)[number];
  readonly state?: State[];
  readonly code?: number[];
  readonly to?: string;
  readonly out?: string;
}

export function auditCommand(): Command {
  return new Command('audit')
    .description('print what became of every message, one line each')
    .argument('[id]', 'the campaign; with --to it may be left out')
    .option('--format <format>', 'ndjson, csv or list', oneOf('--format', FORMATS), 'ndjson')
    .option('--state <states>', `only these: ${STATES.join(', ')}`, oneOrMoreOf('--state', STATES))
    .option('--code <codes>', "only these of EngageLab's codes, as in 5001,3002", parseCodes)
    .option('--to <number>', 'only the messages to this number, with its country code')
    .option('--out <file>', 'write to a file, which is there only once it is whole')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string | undefined, options: Options): Promise<void> {
  refuseUseless(id, options);
  const filter: AuditFilter = {
    states: options.state,
    codes: options.code,
    to: options.to === undefined ? undefined : await numberOf(options.to),
  };
  const list = options.format === 'list' ? new AuditList(options.out) : undefined;
  const write =
    options.format === 'csv'
      ? auditCsvLine
      : list
        ? (line: AuditLine) => list.format(line)
        : jsonLine;
  const header = options.format === 'csv' ? auditCsvHeader() : '';
  if (options.out === undefined) {
    await eachPiece(id, filter, header, write, writeOut);
    return;
  }
  const signal = claimSignals();
  const file = await OutputFile.open('--out', options.out);
  try {
    const lines = await eachPiece(id, filter, header, write, async (text) => {
      if (signal.aborted)
        throw new VolleyError('interrupted', 'audit: stopped; no file was written');
      await file.write(text);
    });
    await file.keep();
    const written = `${counted(lines, 'message')} written to ${options.out}`;
    console.error(list?.closing(options.out) ?? written);
  } catch (error) {
    await file.discard();
    // A pipe whose reader has read enough, as in --out /dev/stdout | head: no failure there either.
    if (file.isClosed) return;
    throw error;
  }
}

/** @throws VolleyError `bad_input` for options that do not go together */
function refuseUseless(id: string | undefined, { format, state, code, to, out }: Options): void {
  const refuse = (why: string) => {
    throw new VolleyError('bad_input', why);
  };
  if (id === undefined && to === undefined)
    refuse('audit: expected the id of a campaign, or --to NUMBER to look through all of them');
  if (format !== 'list') return;
  if (id === undefined) refuse('--format list: expected the id of a campaign, got none');
  if (!state && !code)
    refuse(
      '--format list: expected --state or --code beside it, such as --state rejected,exhausted',
    );
  if (out?.endsWith('.gz'))
    refuse('--out: expected a file that volley send reads, such as again.csv, got gzip');
}

/** @returns how many lines there were, the header not counted */
async function eachPiece(
  id: string | undefined,
  filter: AuditFilter,
  header: string,
  format: (line: AuditLine) => string,
  write: (text: string) => Promise<void>,
): Promise<number> {
  let lines = 0;
  let gone = 0;
  const onMissing = (jobs: readonly string[]) => {
    gone += jobs.length;
  };
  await withProducer(async (producer) => {
    let before = header;
    for await (const piece of producer.inside.auditPieces(id, { ...filter, onMissing })) {
      lines += piece.length;
      await write(before + piece.map(format).join(''));
      before = '';
    }
    await write(before);
  });
  if (gone > 0) warn(`${goneWords(gone)}; who is in them cannot be told`);
  return lines;
}

function jsonLine(line: AuditLine): string {
  return `${JSON.stringify(line)}\n`;
}

async function numberOf(text: string): Promise<string> {
  const { openPhoneNumbers } = await import('../../producer/producer.ts');
  const numbers = await openPhoneNumbers();
  const number = numbers.read(text);
  if (number === undefined) throw new VolleyError('bad_input', `--to: ${numbers.explain(text)}`);
  return number;
}

function parseCodes(text: string): number[] {
  return text.split(',').map((part) => {
    if (/^\s*\d{1,9}\s*$/.test(part)) return Number(part);
    throw badOption('--code', 'codes such as 5001,3002', part.trim());
  });
}

/** The columns, broken into lines for the help. */
function columnList(names: readonly string[]): string {
  const lines = ['csv:'];
  for (const [at, name] of names.entries()) {
    const piece = at === names.length - 1 ? name : `${name},`;
    const line = lines.at(-1) ?? '';
    if (line.length + 1 + piece.length > 80) lines.push(`  ${piece}`);
    else lines[lines.length - 1] = `${line} ${piece}`;
  }
  return lines.join('\n').slice('csv: '.length);
}
