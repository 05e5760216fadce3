/**
 * Do packs pay? Personal text, each recipient a message of its own, sent by one worker: in packs of up to 100
 * messages a job, and in jobs of one message, turn by turn. For each: rows enqueued a second, requests delivered
 * a second, and bytes of Redis a recipient, queued and finished. Every run checks that each number was texted once.
 *
 * Run: node bench/packs.ts [recipients]    about a minute; a private Redis, appendfsync as `--fsync` says (everysec)
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { startEmbeddedRedis } from '../src/cli/embedded-redis.ts';
import { begin } from '../src/producer/enqueue-scripts.ts';
import { Enqueuing } from '../src/producer/enqueuing.ts';
import { readPacks } from '../src/producer/read-packs.ts';
import { startSandbox } from '../src/sandbox/index.ts';
import { readCounts } from '../src/shared/campaign.ts';
import { loadConfig } from '../src/shared/config.ts';
import { JOB_VERSION } from '../src/shared/job.ts';
import { createKeys } from '../src/shared/keys.ts';
import { createLogger } from '../src/shared/log.ts';
import { connectProducer } from '../src/shared/redis.ts';
import { Worker } from '../src/worker/worker.ts';

const RUNS = 5;
const SHAPES = { packs: 100, singles: 1 } as const;
type Shape = keyof typeof SHAPES;

interface Figures {
  enqueued: number;
  delivered: number;
  queuedBytes: number;
  finishedBytes: number;
}

if (process.send) {
  process.send((await startSandbox()).url);
} else {
  await main();
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { fsync: { type: 'string', default: 'everysec' } },
    allowPositionals: true,
  });
  const recipients = Number(positionals[0] ?? 20_000);
  const appendfsync = values.fsync === 'always' ? 'always' : 'everysec';
  const { PATH: path = '' } = process.env;
  const server = await startEmbeddedRedis({ path, appendfsync });
  const redis = await connectProducer(server.url);
  const sandbox = fork(fileURLToPath(import.meta.url));
  try {
    const [url] = await once(sandbox, 'message');
    const figures: Record<Shape, Figures[]> = { packs: [], singles: [] };
    for (let run = 0; run <= RUNS; run++) {
      for (const shape of ['packs', 'singles'] as const) {
        const figure = await measure(redis, server.url, String(url), shape, recipients);
        if (run > 0) figures[shape].push(figure); // the first warms up
      }
    }
    console.log(
      `node ${process.version}, appendfsync ${appendfsync}, ${recipients} recipients, medians of ${RUNS}`,
    );
    console.table({ packs: medians(figures.packs), singles: medians(figures.singles) });
    const ratio = medians(figures.packs).delivered / medians(figures.singles).delivered;
    console.log(`delivered, packs to singles: ${ratio.toFixed(2)}`);
  } finally {
    sandbox.kill();
    redis.disconnect();
    await server.stop();
  }
}

async function measure(
  redis: Redis,
  redisUrl: string,
  baseUrl: string,
  shape: Shape,
  recipients: number,
): Promise<Figures> {
  await redis.flushall();
  await fetch(`${baseUrl}/sandbox/reset`, { method: 'POST' });
  const keys = createKeys('bench');
  const before = await usedMemory(redis);
  const enqueued = await enqueue(redis, shape, recipients);
  const queued = await usedMemory(redis);
  const config = loadConfig({
    REDIS_URL: redisUrl,
    VOLLEY_PREFIX: 'bench',
    ENGAGELAB_BASE_URL: baseUrl,
    ENGAGELAB_DEV_KEY: 'sandbox',
    ENGAGELAB_DEV_SECRET: 'sandbox',
    VOLLEY_RATE: '1000000',
  });
  const worker = new Worker(config, createLogger('error', false));
  const started = performance.now();
  await worker.start();
  while ((await readCounts(redis, keys, 'bench')).pending > 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seconds = (performance.now() - started) / 1000;
  await worker.stop();
  const stats: unknown = await (await fetch(`${baseUrl}/sandbox/stats`)).json();
  const { texts, numbers } = Object(stats);
  if (texts !== recipients || numbers !== recipients) {
    throw new Error(`expected ${recipients} numbers texted once, got ${texts} texts to ${numbers}`);
  }
  return {
    enqueued,
    delivered: Math.round(recipients / seconds),
    queuedBytes: Math.round((queued - before) / recipients),
    finishedBytes: Math.round(((await usedMemory(redis)) - before) / recipients),
  };
}

/** Rows a second, from rows in memory to jobs released. */
async function enqueue(redis: Redis, shape: Shape, recipients: number): Promise<number> {
  const keys = createKeys('bench');
  const rows = Array.from({ length: recipients }, (_none, at) => ({
    to: `+65${80_000_000 + at}`,
    params: { name: `Ada ${at % 100}`, code: String(at) },
  }));
  const started = performance.now();
  await begin(redis, keys.campaign('bench'), 'bench', Date.now());
  const enqueuing = new Enqueuing(redis, keys, 'bench', 'bench');
  const reading = readPacks({ rows });
  const head = {
    v: JOB_VERSION,
    campaign: 'bench',
    template: 'promo',
    on_unconfirmed: 'park',
  } as const;
  for await (const packs of reading) {
    for (const pack of packs) {
      for (let first = 0; first < pack.length; first += SHAPES[shape]) {
        const messages = pack.slice(first, first + SHAPES[shape]);
        await enqueuing.add({ ...head, params: [...reading.params], messages }, reading.totals);
      }
    }
  }
  await enqueuing.flush(reading.totals);
  const { messages } = reading.totals;
  await enqueuing.release(reading.totals, { messages, jobs: Math.ceil(messages / SHAPES[shape]) });
  await enqueuing.close();
  return Math.round((recipients / (performance.now() - started)) * 1000);
}

function medians(runs: readonly Figures[]): Figures {
  const median = (name: keyof Figures) => {
    const sorted = runs.map((run) => run[name]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return {
    enqueued: median('enqueued'),
    delivered: median('delivered'),
    queuedBytes: median('queuedBytes'),
    finishedBytes: median('finishedBytes'),
  };
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}
