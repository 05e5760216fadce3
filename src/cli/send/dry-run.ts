/** `volley send --dry-run`: reads the whole list, prints what it would come to, and leaves everything as it was. */
import {
  createProducer,
  DEFAULT_RATE,
  type DryRunResult,
  type ListSource,
  type Pace,
  type Producer,
} from '../../producer/producer.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { readSettings } from '../process/settings.ts';
import { bold, printJson, warn, yellow } from '../terminal/output.ts';
import { openInput, type SendInput } from './input.ts';
import { ListProgress } from './list-progress.ts';
import type { SendCommandOptions } from './options.ts';
import { previewJson, previewLines } from './preview.ts';

export async function runDryRun(
  source: ListSource,
  options: SendCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const config = await readSettings();
  const input = await openInput(source, options, config);
  const { redisUrl, prefix } = config;
  await using producer = createProducer({ redis: redisUrl, prefix });
  try {
    const run = await read(producer, input, signal);
    const pace = run.limits ?? {
      rate: config.rate ?? DEFAULT_RATE,
      recipientRate: config.recipientRate,
    };
    if (options.json) printJson(jsonOf(run, input, pace));
    else printRun(run, input, pace);
    if (run.problem) throw run.problem;
  } finally {
    // A pipe that nobody closes would keep the process going.
    if ('bytes' in source) process.stdin.destroy();
  }
}

async function read(
  producer: Producer,
  { source, options, invalid, bytes }: SendInput,
  signal: AbortSignal,
): Promise<DryRunResult> {
  const progress = new ListProgress('reading', bytes);
  const stopping = new AbortController();
  const onAbort = () => stopping.abort(new VolleyError('interrupted', 'stopped'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const run = await producer.dryRun(source, {
      ...options,
      signal: stopping.signal,
      onInvalid: (rows) => invalid.take(rows),
      onProgress: (totals) => progress.show(totals),
      onAway: warnAway,
    });
    await invalid.finish();
    return run;
  } catch (error) {
    await invalid.closeAfter(error);
    throw error;
  } finally {
    progress.line.clear();
    signal.removeEventListener('abort', onAbort);
  }
}

/** A list can be looked at without Redis. */
function warnAway(error: unknown): void {
  const why = describeError(error);
  warn(`${why}. Without it nobody knows opt-outs, the rate that is set and what was sent before`);
}

function printRun(run: DryRunResult, { options, invalid }: SendInput, pace: Pace): void {
  console.log(`${bold(run.campaign)}  dry run: nothing is enqueued`);
  for (const line of previewLines(run, options, pace, invalid.lines())) console.log(line);
  if (!run.isSent) return;
  console.log(yellow('  The same command had been run before: it would enqueue nothing.'));
}

function jsonOf(run: DryRunResult, { options }: SendInput, pace: Pace): object {
  const { rows, invalid, duplicate, suppressed, recipients, blank, messages, jobs } = run.totals;
  return {
    campaign: run.campaign,
    rows,
    invalid,
    duplicate,
    suppressed,
    recipients,
    blank,
    messages,
    jobs,
    released: false,
    dry_run: true,
    already_sent: run.isSent,
    problem: run.problem?.message ?? null,
    redis: run.limits !== undefined,
    ...previewJson(run, options, pace),
  };
}
