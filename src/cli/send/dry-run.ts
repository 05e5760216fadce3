/** `volley send --dry-run`: reads the whole list, prints what it would come to, and leaves everything as it was. */
import type { Redis } from 'ioredis';
import type { ListSource } from '../../producer/list/options.ts';
import { type Connection, type DryRun, dryRun } from '../../producer/send/dry-run.ts';
import type { Pace } from '../../producer/send/preview.ts';
import { type Config, loadConfig } from '../../shared/config.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { DEFAULT_RATE, readLimits } from '../../shared/fleet/limits.ts';
import { connectProducer } from '../../shared/redis/connection.ts';
import { createKeys } from '../../shared/redis/keys.ts';
import { refuseNewer } from '../../shared/redis/layout.ts';
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
  const config = loadConfig();
  const input = await openInput(source, options, config);
  const redis = await connectIfThere(config);
  try {
    const connection = redis && { redis, keys: createKeys(config.prefix) };
    if (connection) await refuseNewer(redis, connection.keys, config.redisUrl);
    const run = await read(input, connection, signal);
    const limits = connection && (await readLimits(redis, connection.keys.fleet));
    const pace = limits ?? {
      rate: config.rate ?? DEFAULT_RATE,
      recipientRate: config.recipientRate,
    };
    if (options.json) printJson(jsonOf(run, input, pace, redis !== undefined));
    else printRun(run, input, pace);
    if (run.problem) throw run.problem;
  } finally {
    redis?.disconnect();
    // A pipe that nobody closes would keep the process going.
    if ('bytes' in source) process.stdin.destroy();
  }
}

async function read(
  { source, options, invalid, bytes }: SendInput,
  connection: Connection | undefined,
  signal: AbortSignal,
): Promise<DryRun> {
  const progress = new ListProgress('reading', bytes);
  const stopping = new AbortController();
  const onAbort = () => stopping.abort(new VolleyError('interrupted', 'stopped'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const hooks = {
      signal: stopping.signal,
      onInvalid: (rows: Parameters<typeof invalid.take>[0]) => invalid.take(rows),
      onProgress: progress.show.bind(progress),
    };
    const run = await dryRun(source, { ...options, ...hooks }, connection);
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
async function connectIfThere(config: Config): Promise<Redis | undefined> {
  try {
    return await connectProducer(config.redisUrl, { comesBack: false });
  } catch (error) {
    const why = describeError(error);
    warn(`${why}. Without it nobody knows opt-outs, the rate that is set and what was sent before`);
    return undefined;
  }
}

function printRun(run: DryRun, { options, invalid }: SendInput, pace: Pace): void {
  console.log(`${bold(run.campaign)}  dry run: nothing is enqueued`);
  for (const line of previewLines(run, options, pace, invalid.lines())) console.log(line);
  if (!run.isSent) return;
  console.log(yellow('  The same command had been run before: it would enqueue nothing.'));
}

function jsonOf(run: DryRun, { options }: SendInput, pace: Pace, withRedis: boolean): object {
  const { rows, invalid, duplicate, suppressed, recipients, messages, jobs } = run.totals;
  return {
    campaign: run.campaign,
    rows,
    invalid,
    duplicate,
    suppressed,
    recipients,
    messages,
    jobs,
    released: false,
    dry_run: true,
    already_sent: run.isSent,
    problem: run.problem?.message ?? null,
    redis: withRedis,
    ...previewJson(run, options, pace),
  };
}
