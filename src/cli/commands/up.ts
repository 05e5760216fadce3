/** `volley up`: one machine, for real. An embedded Redis that keeps its data, and a worker, until stopped. */
import { Command } from 'commander';
import type { KeptRedis } from '../../local-redis/kept-redis.ts';
import type { Logger } from '../../shared/log.ts';
import { wholeNumber } from '../arguments/option-values.ts';
import { isDone } from '../process/ending.ts';
import { aborted, claimSignals } from '../process/signals.ts';

const HELP = `
Examples:
  ENGAGELAB_DEV_KEY=… ENGAGELAB_DEV_SECRET=… volley up
  volley up --data /var/lib/volley
  volley up --port 6380        then REDIS_URL=redis://127.0.0.1:6380 elsewhere

Starts a Redis of its own on 127.0.0.1 (append-only file, every write on disk
before it is acknowledged) and a worker. Other commands of this user find it
without any setting, unless --port is another than 6379. What is enqueued and
not sent is still there when it starts again, also after a crash.
Its Redis has a password. Commands and programs of this user find it by the
port, in a file that the log names. Whoever else is to use it is given it, and
sets REDIS_URL=redis://:PASSWORD@127.0.0.1:6379.
Ctrl-C or SIGTERM: waits for replies under way, stops both, exits 0.
--json: {url, password_file, data, pid}; password_file is null where none could
be written.
It needs redis-server or valkey-server on the PATH. Settings: volley worker
--help; REDIS_URL is not read.`;

export function upCommand(): Command {
  return new Command('up')
    .description('one machine, for real: a Redis that keeps its data, and a worker')
    .option('--data <folder>', 'where the data is kept', '.volley')
    .option('--port <n>', 'of the Redis', wholeNumber('--port', 1, 65_535), 6379)
    .option('--json', 'print one JSON object when it is up')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: { data: string; port: number; json?: true }): Promise<void> {
  const signal = claimSignals();
  const { searchPath } = await import('../../shared/config.ts');
  const { VolleyError } = await import('../../shared/errors.ts');
  const { workerOf } = await import('../../worker/create-worker.ts');
  const { printJson } = await import('../terminal/output.ts');
  const { startKeptRedis } = await import('../../local-redis/kept-redis.ts');
  const { settingsAndLog, stopWorker } = await import('./worker.ts');

  const url = `redis://127.0.0.1:${options.port}`;
  const { config: settings, log } = await settingsAndLog();
  if (!settings.devKey || !settings.devSecret) {
    // Before a folder is made and a Redis started for nothing.
    throw new VolleyError(
      'bad_config',
      'ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET: expected the key and secret of your EngageLab account, got none',
    );
  }
  const redis = await startKeptRedis(options.data, options.port, searchPath());
  if (redis.cut !== undefined) log.warn({ data: redis.folder }, redis.cut);
  try {
    const { password, passwordFile } = redis;
    const { redisTls: _redisTls, ...rest } = settings;
    const config = { ...rest, redisUrl: `redis://:${password}@127.0.0.1:${options.port}` };
    const worker = workerOf(config, log);
    const lost = redis.ended.then(() => 'lost' as const);
    // A worker waits for its Redis as long as it takes, and this one never comes back.
    const isUp = (await Promise.race([worker.start(), lost])) !== 'lost';
    if (isUp && options.json) {
      const file = passwordFile ?? null;
      printJson({ url, password_file: file, data: redis.folder, pid: process.pid });
    } else if (isUp) console.log(`up: Redis at ${url}, data in ${redis.folder}`);
    tellPassword(log, redis);
    if (isUp) isDone('it was up');
    if ((await Promise.race([lost, aborted(signal)])) === 'lost') {
      // Its data is on disk; whoever supervises this process starts both again.
      const why = redis.why() ?? 'its log does not say why';
      log.fatal({ data: redis.folder, why }, 'the embedded Redis ended by itself; stopping');
      process.exitCode = 1;
      return;
    }
    await stopWorker(worker, config, log);
  } finally {
    await redis.stop();
  }
}

/** Where it is, never what it is. */
function tellPassword(log: Logger, { folder, passwordFile }: KeptRedis): void {
  if (passwordFile !== undefined) {
    log.info({ file: passwordFile }, 'other commands of this user find the password of Redis');
    return;
  }
  const words = 'found no folder to leave the password of Redis in; set it in REDIS_URL elsewhere';
  log.warn({ file: `${folder}/up.conf` }, words);
}
