/** What `volley send` does, once its options are understood. */
import { realpath } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { fileSize, type ListSource, type ListTotals } from '../producer/read-packs.ts';
import { type SendResult, send } from '../producer/send.ts';
import type { CampaignStatus } from '../producer/status.ts';
import { readCounts } from '../shared/campaign.ts';
import { VolleyError } from '../shared/errors.ts';
import { readWorkers } from '../shared/heartbeat.ts';
import type { Keys } from '../shared/keys.ts';
import { campaignLines, statusJson } from './campaign-view.ts';
import { counted, grouped, percent, span } from './figures.ts';
import { InvalidRows } from './invalid-rows.ts';
import { LiveLine } from './live-line.ts';
import { bold, printJson, warn, yellow } from './output.ts';
import { OutputFile } from './output-file.ts';
import type { SendCommandOptions } from './send.ts';
import { type Session, withSession } from './session.ts';
import { claimSignals } from './signals.ts';
import { tableLines } from './table.ts';
import { waitForCampaign } from './wait.ts';

export async function runSend(file: string, options: SendCommandOptions): Promise<void> {
  const source = sourceOf(file, options);
  if (options.rejects !== undefined) await refuseSameFile(file, options.rejects);
  const signal = claimSignals();
  await withSession(async (session) => {
    const result = await enqueue(session, source, options, signal);
    const { redis, keys } = session;
    if (!options.json) printResult(result);
    await warnWithoutWorker(redis, keys, result, options);
    if (!options.wait) {
      if (options.json) printJson(result);
      return;
    }
    const status = await waitForCampaign(session, result.campaign, signal);
    if (options.json) printJson({ ...result, status: statusJson(status) });
    else console.log(`\n${campaignLines(status).join('\n')}`);
    if (status.accepted < status.recipients) process.exitCode = 3;
    if (!options.json) printNext(status);
  });
}

async function enqueue(
  { config, redis, keys }: Session,
  source: ListSource,
  options: SendCommandOptions,
  signal: AbortSignal,
): Promise<SendResult> {
  const rejects =
    options.rejects === undefined ? undefined : await OutputFile.open('--rejects', options.rejects);
  const invalid = new InvalidRows(rejects);
  const size = 'path' in source ? await sizeOrDiscard(source.path, invalid) : undefined;
  const line = new LiveLine();
  const stopping = new AbortController();
  const onAbort = () => {
    line.clear();
    console.error('stopping: clears what was laid; once more ends at once, and leaves it');
    stopping.abort(
      new VolleyError('interrupted', 'stopped: nothing was sent, what had been laid was cleared'),
    );
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const startedAt = performance.now();
  try {
    const result = await send(redis, keys, source, {
      template: options.template,
      campaign: options.campaign,
      params: options.params,
      constants: options.param,
      phoneColumn: options.phoneColumn,
      country: options.country,
      allowEmpty: options.allowEmpty,
      batchSize: options.batchSize ?? config.batchSize,
      maxInvalid: options.maxInvalid,
      at: options.at,
      startAt: options.startAt,
      notAfter: options.notAfter,
      onUnconfirmed: options.onUnconfirmed,
      rate: options.rate,
      recipientRate: options.recipientRate,
      onWait: () => {
        line.clear();
        console.error('another send holds this id; waiting to see whether it is alive');
      },
      customArgs: options.customArg,
      planName: options.planName,
      signal: stopping.signal,
      onInvalid: (rows) => invalid.take(rows),
      onProgress: (totals) =>
        line.show(() => progress(totals, size, (performance.now() - startedAt) / 1000)),
    });
    // What had been sent before is not read again, and the rejects of then are left as they are.
    if (result.released) await invalid.finish(true);
    else await invalid.discard();
    return result;
  } catch (error) {
    const isListBad = error instanceof VolleyError && error.code === 'bad_input';
    if (isListBad) await invalid.finish(false);
    else await invalid.discard();
    throw error;
  } finally {
    line.clear();
    signal.removeEventListener('abort', onAbort);
    for (const text of invalid.lines()) console.error(text);
    // A pipe that nobody closes would keep the process going.
    if ('bytes' in source) process.stdin.destroy();
  }
}

function sourceOf(file: string, { format }: SendCommandOptions): ListSource {
  if (file !== '-') return { path: file, format };
  if (process.stdin.isTTY) console.error('reading the list from this terminal; Ctrl-D ends it');
  return { bytes: process.stdin, name: 'standard input', format };
}

async function sizeOrDiscard(path: string, invalid: InvalidRows): Promise<number | undefined> {
  try {
    return await fileSize(path);
  } catch (error) {
    await invalid.discard();
    throw error;
  }
}

/** Else the list would be replaced by its invalid rows. */
export async function refuseSameFile(file: string, rejects: string): Promise<void> {
  const [list, other] = await Promise.all(
    [file, rejects].map((path) => realpath(path).catch(() => path)),
  );
  if (list !== other) return;
  throw new VolleyError('bad_input', '--rejects: expected another file than the list itself');
}

/** `reading  42 %, 420,000 rows, 210,000 rows/s, 3 s left` */
function progress(totals: Readonly<ListTotals>, size: number | undefined, seconds: number): string {
  const { rows, bytes } = totals;
  const words = [
    `${grouped(rows)} rows`,
    `${grouped(Math.round(rows / Math.max(0.001, seconds)))} rows/s`,
  ];
  if (size !== undefined && size > 0) {
    const done = Math.min(1, bytes / size);
    words.unshift(percent(done));
    if (done > 0) words.push(`${span((seconds / done) * (1 - done))} left`);
  }
  return `enqueuing  ${words.join(', ')}`;
}

function printResult(result: SendResult): void {
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
  if (result.released) {
    console.log(`  enqueued as ${counted(messages, 'message')} in ${counted(jobs, 'job')}`);
  } else {
    console.log(
      yellow(
        '  The same command had been run before: nothing was enqueued, and nothing of it was changed.',
      ),
    );
  }
  console.log(`  volley status ${campaign}`);
}

function printNext({ campaign, recipients, accepted }: CampaignStatus): void {
  if (accepted === recipients) return;
  console.log(
    `\n${grouped(recipients - accepted)} of ${counted(recipients, 'recipient')} not accepted:`,
  );
  console.log(
    `  volley audit ${campaign} --state rejected,exhausted,unconfirmed,shortfall,expired,cancelled,opted_out`,
  );
}

async function warnWithoutWorker(
  redis: Redis,
  keys: Keys,
  { campaign, released }: SendResult,
  { wait }: SendCommandOptions,
): Promise<void> {
  // `--wait` says so itself, and for as long as it is so.
  if (wait) return;
  const workers = await readWorkers(redis, keys.fleet, Date.now());
  if (workers.length > 0) return;
  const { pending } = await readCounts(redis, keys, campaign);
  if (released || pending > 0) {
    warn(`no worker is running, so nothing of ${campaign} is sent; start one: volley worker`);
  }
}
