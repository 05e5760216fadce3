/** What `volley send` does, once its options are understood. */

import {
  type CampaignStatus,
  type ListSource,
  type Preview,
  type Producer,
  placeWarnings,
  type SendResult,
  sentBeforeWords,
} from '../../producer/producer.ts';
import type { Config } from '../../shared/config.ts';
import { VolleyError } from '../../shared/errors.ts';
import { refuseEmptyPairs } from '../arguments/blank.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { claimSignals } from '../process/signals.ts';
import { waitForCampaign } from '../process/wait.ts';
import { warnWithoutWorker } from '../process/without-worker.ts';
import { type Asked, ask } from '../terminal/ask.ts';
import type { LiveLine } from '../terminal/live-line.ts';
import { bold, printJson, warn, yellow } from '../terminal/output.ts';
import { campaignLines, statusJson } from '../view/campaign.ts';
import { counted, grouped } from '../view/figures.ts';
import { tableLines } from '../view/table.ts';
import { openInput, type SendInput, sourceOf } from './input.ts';
import { keepHeapLean } from './lean-heap.ts';
import { ListProgress } from './list-progress.ts';
import type { SendCommandOptions } from './options.ts';
import { blankLines, previewLines } from './preview.ts';
import { whomToAsk } from './whom-to-ask.ts';

export async function runSend(file: string, options: SendCommandOptions): Promise<void> {
  keepHeapLean();
  refuseEmptyPairs('--param', options.param, options.allowEmpty);
  refuseEmptyPairs('--fallback', options.fallback, options.allowEmpty);
  const source = sourceOf(file, options);
  const signal = claimSignals();
  if (options.dryRun) {
    const { runDryRun } = await import('./dry-run.ts');
    return runDryRun(source, options, signal);
  }
  // Before anything is laid: where nobody can be asked, it must be said that nobody is to be.
  using asked = whomToAsk(source, options.yes);
  await withProducer(async (producer, config) => {
    const result = await enqueue(producer, config, source, options, signal, asked);
    // Whether all were accepted is what a wait is for, and not known where it fails.
    isDone(`campaign ${result.campaign} is enqueued`, options.wait ? 3 : 0);
    if (!options.json) printResult(result, options);
    if (!options.wait) {
      // Before Redis is asked again: whoever reads it must have it, whatever fails then.
      if (options.json) printJson(result);
      const { campaign } = result;
      const isDue = result.released || (await producer.status(campaign)).pending > 0;
      if (isDue) await warnWithoutWorker(producer, campaign);
      return;
    }
    const status = await waitForCampaign(producer, result.campaign, signal);
    if (options.json) printJson({ ...result, status: statusJson(status) });
    else console.log(`\n${campaignLines(status).join('\n')}`);
    if (status.accepted < status.recipients) process.exitCode = 3;
    if (!options.json) printNext(status);
  });
}

async function enqueue(
  producer: Producer,
  config: Config,
  source: ListSource,
  options: SendCommandOptions,
  signal: AbortSignal,
  asked: Asked | undefined,
): Promise<SendResult> {
  const input = await openInput(source, options, config);
  const { invalid, bytes } = input;
  const progress = new ListProgress('enqueuing', bytes);
  const { line } = progress;
  using stopping = stopOn(signal, line);
  let isShown = false;
  const confirm = async (preview: Preview): Promise<boolean> => {
    if (asked) {
      line.clear();
      await showPreview(producer, input, preview);
      isShown = true;
      const recipients = counted(preview.totals.recipients, 'recipient');
      const question = `\nSend it to ${recipients}?`;
      if (!(await ask(question, stopping.signal, asked.input))) return false;
    } else {
      line.clear();
      for (const text of placeWarnings(preview.totals)) warn(text);
      for (const each of preview.sentBefore ?? []) warn(sentBeforeWords(each, preview.now));
    }
    // Whatever may still fail fails before the release: whoever is told so must not find people texted.
    await invalid.finish();
    return true;
  };
  try {
    const result = await producer.send(source, {
      ...input.options,
      onWait: () => {
        line.clear();
        console.error('another send holds this id; waiting to see whether it is alive');
      },
      signal: stopping.signal,
      onInvalid: (rows) => invalid.take(rows),
      onProgress: (totals) => progress.show(totals),
      confirm,
    });
    // What had been sent before is not read again, and the rejects of then are left as they are.
    if (!result.released) await invalid.discard();
    return result;
  } catch (error) {
    await invalid.closeAfter(error);
    throw error;
  } finally {
    line.clear();
    if (!isShown) for (const text of invalid.lines()) console.error(text);
    // A pipe that nobody closes would keep the process going.
    if ('bytes' in source) process.stdin.destroy();
  }
}

async function showPreview(
  producer: Producer,
  { options, invalid }: SendInput,
  preview: Preview,
): Promise<void> {
  const limits = await producer.inside.fleet.limits();
  console.error(bold(preview.campaign));
  for (const text of previewLines(preview, options, limits, invalid.lines())) console.error(text);
}

/** Until it is disposed of, a signal to this process stops the sending, and is told of on the terminal. */
function stopOn(signal: AbortSignal, line: LiveLine): Disposable & { signal: AbortSignal } {
  const stopping = new AbortController();
  const onAbort = () => {
    line.clear();
    console.error('stopping: clears what this command laid; once more ends at once, and leaves it');
    stopping.abort(
      new VolleyError('interrupted', 'stopped: nothing was sent, nothing it had laid is left'),
    );
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: stopping.signal,
    [Symbol.dispose]: () => signal.removeEventListener('abort', onAbort),
  };
}

function printResult(result: SendResult, { canary }: SendCommandOptions): void {
  const { campaign, rows, invalid, duplicate, suppressed, recipients, messages, jobs } = result;
  console.log(bold(campaign));
  const counts: [string, number][] = [
    ['  rows', rows],
    ['    invalid', invalid],
    ['    duplicate', duplicate],
    ['    suppressed', suppressed],
    ['    recipients', recipients],
  ];
  const cells = counts.map(([name, count]) => [name, grouped(count)]);
  for (const line of tableLines(cells, ['left', 'right'])) console.log(line);
  for (const line of blankLines(result.blank)) console.log(line);
  if (result.released) {
    console.log(`  enqueued as ${counted(messages, 'message')} in ${counted(jobs, 'job')}`);
    if (canary !== undefined && canary < recipients) {
      const rest = `the others wait for volley resume ${campaign}`;
      console.log(`  goes to the first ${counted(canary, 'recipient')}; ${rest}`);
    }
  } else {
    console.log(
      yellow(
        '  The same command had been run before: nothing was enqueued, and nothing of it was changed.',
      ),
    );
  }
  console.log(`  volley status ${campaign}`);
}

function printNext({ campaign, recipients, accepted, state }: CampaignStatus): void {
  // What there is to do where it waits for a person stands above.
  if (state === 'paused') return;
  if (accepted === recipients) return;
  console.log(
    `\n${grouped(recipients - accepted)} of ${counted(recipients, 'recipient')} not accepted:`,
  );
  console.log(
    `  volley audit ${campaign} --state rejected,exhausted,unconfirmed,shortfall,expired,cancelled,opted_out`,
  );
  console.log(`  volley replay ${campaign} --dry-run`);
}
