/** `volley replay ID`: shows what of a campaign was not accepted, asks, and sends again what is chosen. */
import { Command } from 'commander';
import type { ReplayPlan } from '../../producer/producer.ts';
import { VolleyError } from '../../shared/errors.ts';
import { type FinalState, REPLAYABLE } from '../../shared/outcome.ts';
import { refuseEmptyPairs } from '../arguments/blank.ts';
import { badOption, oneOrMoreOf, pairs, wholeNumber } from '../arguments/option-values.ts';
import { parseTime } from '../arguments/time.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { claimSignals } from '../process/signals.ts';
import { BrokenOutput, printJson, written } from '../terminal/output.ts';
import { counted } from '../view/figures.ts';
import { planLines, resultLines } from '../view/replay.ts';

const HELP = `
Examples:
  volley replay black-friday --dry-run             the plan alone
  volley replay black-friday                       all that is safe, as it is
  volley replay black-friday --code 5001 --limit 100
  volley replay black-friday --code 4001 --template promo-2
  volley replay black-friday --code 3003 --split 1
  volley replay black-friday --state unconfirmed   may text somebody twice

The plan groups what was not accepted by state, code and EngageLab's words, and
labels each group:
  safe        nothing of it can have been accepted
  may double  unconfirmed, shortfall, or something of it was accepted: some may
              have been texted. Only with its state by name, or --may-double
  pointless   3001, 3002, 3003, 4001: the same request is refused again. Only
              with a change of the request, or with its code by name
What expired, was cancelled or had opted out is only replayed if --state names
it. Filters given together must all fit.

A replay goes by the same limits as all else, waits where the campaign is
paused, and attempts start afresh. A deadline that a message has (send
--not-after) still holds; what expired by it is sent without one, or with
--not-after TIME. With --template, --param, --split or --not-after the numbers
move to new messages at the campaign's end; volley audit shows where they went.
Stopped or killed, run the same command again: nothing is replayed twice.

--json: {campaign, dry_run, chapter, planned: {messages, recipients},
  replayed: {messages, recipients}, busy, changed, gone, groups: [{state, code,
  detail, label, messages, recipients, chosen, examples}]}; label is safe,
  may_double or pointless, chosen counts messages, examples are masked, replayed
  and chapter are null where nothing was replayed. busy and changed were left: a
  worker is at their job, or they are not any more what they were. gone counts
  jobs that another program removed: nobody in them can be replayed.`;

interface Options {
  readonly state?: FinalState[];
  readonly code?: string[];
  readonly limit?: number;
  readonly split?: number;
  readonly template?: string;
  readonly param?: Record<string, string>;
  readonly allowEmpty?: true;
  readonly notAfter?: number;
  readonly mayDouble?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('send again what of a campaign was not accepted')
    .argument('<id>', 'the campaign')
    .option('--state <states>', `only these: ${REPLAYABLE.join(', ')}`, parseStates)
    .option('--code <codes>', 'only these, as volley status shows them: 5001,http_502', parseCodes)
    .option(
      '--limit <n>',
      'at most so many messages, in the order of the list',
      wholeNumber('--limit', 1, 1_000_000_000),
    )
    .option(
      '--split <n>',
      'make messages of at most so many numbers: finds the one that spoils a batch',
      wholeNumber('--split', 1, 10_000),
    )
    .option('--template <id>', 'send them with another template')
    .option('--param <name=value>', 'set a param, for all of them (repeatable)', pairs('--param'))
    .option('--allow-empty', 'send empty params (default: such a param is refused)')
    .option('--not-after <time>', 'what is not sent by then expires', (text: string) =>
      parseTime('--not-after', text),
    )
    .option('--may-double', 'also what may text somebody twice')
    .option('--dry-run', 'print the plan and change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string, options: Options): Promise<void> {
  refuseEmptyPairs('--param', options.param, options.allowEmpty);
  const { LiveLine } = await import('../terminal/live-line.ts');
  let isConfirmed = false;
  const signal = options.dryRun ? undefined : stopSignal(() => isConfirmed);
  using line = new LiveLine();
  const result = await withProducer((producer) =>
    producer.replay(id, {
      states: options.state,
      codes: options.code,
      limit: options.limit,
      split: options.split,
      template: options.template,
      params: options.param,
      notAfter: options.notAfter,
      mayDouble: options.mayDouble,
      dryRun: options.dryRun,
      signal,
      confirm: async (plan) => {
        isConfirmed = await ask(plan, options, signal);
        return isConfirmed;
      },
      onProgress: (messages) => line.show(() => `${counted(messages, 'message')} replayed`),
    }),
  );
  line.clear();
  const { replayed: done } = result;
  if (done) isDone(`${counted(done.messages, 'message')} of ${id} replayed`);
  if (options.json) {
    const { groups, campaign, ...rest } = result;
    return printJson({ campaign, dry_run: options.dryRun === true, ...rest, groups });
  }
  if (options.dryRun) for (const text of planLines(result, options.state)) console.log(text);
  for (const text of resultLines(result)) console.log(text);
}

/** Shows the plan and asks, where there is somebody to ask and something to replay. */
async function ask(
  plan: ReplayPlan,
  options: Options,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const write = options.json ? console.error : console.log;
  const planned = { messages: plan.messages, recipients: plan.recipients };
  for (const text of planLines({ ...plan, planned }, options.state)) write(text);
  if (plan.resumes !== undefined) {
    write('goes on with the same replay, which broke off; what it had replayed is not shown');
  }
  await refuseUnseen();
  if (plan.messages === 0 || options.yes) return true;
  const { confirm } = await import('../terminal/ask.ts');
  const what = `${counted(plan.messages, 'message')} to ${counted(plan.recipients, 'recipient')}`;
  const risk = plan.groups.some(({ label, chosen }) => label === 'may_double' && chosen > 0);
  await confirm(`Replay ${what}?${risk ? ' Some of them may be texted twice.' : ''}`, signal);
  return true;
}

/** What a replay risks is to be read before it begins. Whoever has read enough may close the pipe. */
async function refuseUnseen(): Promise<void> {
  try {
    await written();
  } catch (error) {
    if (error instanceof BrokenOutput && error.isClosed) return;
    throw error;
  }
}

function stopSignal(isConfirmed: () => boolean): AbortSignal {
  const stopping = new AbortController();
  claimSignals().addEventListener('abort', () => {
    const words = isConfirmed()
      ? 'stopped: what was replayed so far goes on; the same command again replays the rest'
      : 'stopped: nothing more was replayed';
    stopping.abort(new VolleyError('interrupted', words));
  });
  return stopping.signal;
}

const readStates = oneOrMoreOf('--state', REPLAYABLE);

const parseStates = Object.assign(
  (text: string): FinalState[] => {
    if (text.split(',').some((part) => part.trim() === 'lost')) {
      throw new VolleyError(
        'bad_input',
        '--state: lost recipients cannot be replayed: who they are went with their jobs',
      );
    }
    return readStates(text);
  },
  { words: readStates.words, isList: readStates.isList },
);

function parseCodes(text: string): string[] {
  return text.split(',').map((part) => {
    const code = part.trim();
    if (/^(\d{1,9}|http_\d{3}|no_reply|no_connection)$/.test(code)) return code;
    throw badOption('--code', 'codes such as 5001,http_502,no_reply', code);
  });
}
