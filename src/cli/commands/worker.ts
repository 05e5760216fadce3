/** `volley worker`: sends what is enqueued until it is told to stop. Starts and stops a `Worker`; no more. */
import { Command } from 'commander';
import type { Config } from '../../shared/config.ts';
import type { Logger } from '../../shared/log.ts';
import type { Worker } from '../../worker/create-worker.ts';
import { readSettings } from '../process/settings.ts';
import { aborted, claimSignals } from '../process/signals.ts';
import { warn } from '../terminal/output.ts';

/** How long a worker that is told to stop while it starts may go on starting. */
const START_GRACE_MS = 1000;

const HELP = `
Examples:
  ENGAGELAB_DEV_KEY=… ENGAGELAB_DEV_SECRET=… volley worker
  VOLLEY_RATE=80 VOLLEY_CONCURRENCY=200 volley worker
  ENGAGELAB_BASE_URL=http://127.0.0.1:4010 ENGAGELAB_DEV_KEY=sandbox \\
    ENGAGELAB_DEV_SECRET=sandbox volley worker      against volley sandbox

Start as many as you like, on as many machines: they share one rate limit.
SIGTERM or Ctrl-C: takes no new job, puts back what is not sent, waits for
replies under way, and exits 0. A second one exits at once; a stop that outlasts
VOLLEY_SHUTDOWN_GRACE_MS exits 1. Where Redis is away it waits for it.
It logs to standard error: readable on a terminal, JSON lines otherwise.

Settings (default):
  REDIS_URL                     redis://[user:password@]host[:port][/database],
                                rediss://… or unix:///path/of.sock?db=2; user
                                and password percent-encoded
                                (redis://127.0.0.1:6379)
  REDIS_USERNAME, REDIS_PASSWORD                     beside it, as they are
  REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY        PEM, or paths of PEM files
  ENGAGELAB_BASE_URL            (https://smsapi.engagelab.com)
  ENGAGELAB_DEV_KEY, ENGAGELAB_DEV_SECRET            required
  HTTPS_PROXY, HTTP_PROXY       to reach EngageLab by; http://user:pw@host:port
  NO_PROXY                      hosts reached without one: .example.com,10.0.0.1
  ENGAGELAB_CA_FILE             PEM; authorities to believe beside Node's own
  VOLLEY_PREFIX                 before every Redis key (volley)
  VOLLEY_RATE                   requests per second, whole fleet (50)
  VOLLEY_RECIPIENT_RATE         recipients per second, whole fleet (none)
  VOLLEY_CONCURRENCY            requests under way in one process (100)
  VOLLEY_ATTEMPTS               the first one included (8)
  VOLLEY_BACKOFF_BASE_MS, VOLLEY_BACKOFF_CAP_MS      (1000, 300000)
  VOLLEY_REQUEST_TIMEOUT_MS     (30000)
  VOLLEY_LOCK_MS                how soon a dead worker's jobs are taken (60000)
  VOLLEY_SHUTDOWN_GRACE_MS      how long a stop may take (40000)
  VOLLEY_OUTCOMES               such as 5001=retry,504=unconfirmed (none)
  VOLLEY_MAX_CAMPAIGNS          served at once by one process (32)
  VOLLEY_ALLOW_ORIGIN_CHANGE    1: go on here with campaigns that another base
                                URL was used for (0)
  VOLLEY_RETAIN_DAYS            how long finished jobs are kept (30)
  VOLLEY_LOG_LEVEL              trace, debug, info, warn, error, silent (info)

A secret may be a file, which REDIS_URL_FILE, REDIS_USERNAME_FILE,
REDIS_PASSWORD_FILE, REDIS_TLS_KEY_FILE, ENGAGELAB_DEV_KEY_FILE or
ENGAGELAB_DEV_SECRET_FILE names.`;

export function workerCommand(): Command {
  return new Command('worker')
    .description('send what is enqueued, until stopped')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(): Promise<void> {
  const signal = claimSignals();
  const { config, log } = await settingsAndLog();
  const { workerOf } = await import('../../worker/create-worker.ts');
  const worker = workerOf(config, log);

  const starting = worker.start().catch(async (error: unknown) => {
    const { explainRefusal } = await import('../../producer/producer.ts');
    throw explainRefusal(error, config.redisUrl);
  });
  await Promise.race([starting, aborted(signal)]);
  if (signal.aborted) {
    // With Redis away it never starts, and has nothing to put back.
    const given = new Promise((resolve) => setTimeout(resolve, START_GRACE_MS));
    await Promise.race([starting.then(() => worker.stop()), given]);
    log.info('stopped while it started');
    return;
  }
  await aborted(signal);
  await stopWorker(worker, config, log);
}

/** Where the settings are wrong there is no log yet, and what is misspelt is told beside them. */
export async function settingsAndLog(): Promise<{ config: Config; log: Logger }> {
  const strange: string[] = [];
  try {
    const config = await readSettings((line) => strange.push(line));
    const { createLogger } = await import('../../shared/log.ts');
    const log = createLogger(config.logLevel, process.stderr.isTTY === true);
    for (const line of strange) log.warn(line);
    return { config, log };
  } catch (error) {
    for (const line of strange) warn(line);
    throw error;
  }
}

/** Stops it within the grace that the settings give it, or ends the process. */
export async function stopWorker(worker: Worker, config: Config, log: Logger): Promise<void> {
  log.info('stopping: waits for replies under way; a second signal ends at once');
  const late = setTimeout(() => {
    log.error(
      { grace_ms: config.shutdownGraceMs },
      'the stop took longer than VOLLEY_SHUTDOWN_GRACE_MS; what is open is found by the next worker',
    );
    process.exit(1);
  }, config.shutdownGraceMs);
  await worker.stop();
  clearTimeout(late);
}
