/**
 * Does the fleet keep its limits, and use them? Four workers send three campaigns, and now and then a notification, at
 * each of some limits. For each: the share of the limit that was used, by permits and by arrivals at the far end; the
 * most of each in any second, and how long it took from `notify()` to the far end.
 *
 * Run: node bench/pacer.ts [--rates 20,200,1000] [--recipient-rates 2000,20000] [--seconds 20] [--workers 4]
 *      node bench/pacer.ts --outage [--messages 5000] [--seconds 60]
 * About half a minute a limit, and about two minutes an outage; a private Redis, loopback only.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEmbeddedRedis } from '../src/cli/embedded-redis.ts';
import type { GivenRow } from '../src/producer/list-options.ts';
import { createProducer } from '../src/producer/producer.ts';
import { startSandbox } from '../src/sandbox/index.ts';
import { loadConfig } from '../src/shared/config.ts';
import { createLogger } from '../src/shared/log.ts';
import { Pacer } from '../src/worker/pacer.ts';
import { Worker } from '../src/worker/worker.ts';
import { endureTrouble, TROUBLES } from '../test/chaos/trouble.ts';

/** Left out at the beginning, while the workers find their campaigns. */
const WARM_UP_MS = 3000;
const ALERT = 'alert';
/** The campaigns' numbers a message where recipients are limited, in turn. */
const MIXES = [[500], [50], [1, 200, 3, 10, 120]];

/** Times are Unix ms with fractions. */
interface Event {
  at: number;
  numbers: number;
  /** The number that a notification went to. */
  alerted?: string;
}

interface Limit {
  per: 'requests' | 'recipients';
  rate: number;
}

if (process.send === undefined) await main();
else if (process.argv[2] === 'sandbox') await beSandbox();
else await beWorker();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rates: { type: 'string', default: '20,200,1000' },
      'recipient-rates': { type: 'string', default: '2000,20000' },
      seconds: { type: 'string' },
      workers: { type: 'string', default: '4' },
      messages: { type: 'string', default: '5000' },
      outage: { type: 'boolean', default: false },
    },
  });
  const { PATH: path = '' } = process.env;
  const server = await startEmbeddedRedis({ path, appendfsync: 'everysec' });
  const workers = Number(values.workers);
  try {
    if (values.outage) {
      for (const trouble of TROUBLES) {
        const ms = Number(values.seconds ?? 60) * 1000;
        const about = { redisUrl: server.url, prefix: `bench-${trouble}`, workers };
        // Of 5,000 messages that fail half the time some fail twelve times: doubling each time, that is half an hour.
        const environment = { VOLLEY_BACKOFF_CAP_MS: '4000' };
        const messages = Number(values.messages);
        const options = { ...about, trouble, ms, messages, rate: 500, environment };
        console.log(trouble, await endureTrouble(options));
      }
      return;
    }
    const seconds = Number(values.seconds ?? 20);
    const limitsOf = (list: string, per: Limit['per']): Limit[] =>
      list.split(',').flatMap((rate) => (Number(rate) > 0 ? [{ per, rate: Number(rate) }] : []));
    const limits = [
      ...limitsOf(values.rates, 'requests'),
      ...limitsOf(values['recipient-rates'], 'recipients'),
    ];
    const table: Record<string, object> = {};
    for (const limit of limits) {
      const name = `${limit.rate} ${limit.per}/s`;
      table[name] = await measure(server.url, limit, seconds, workers);
    }
    console.log(`node ${process.version}, ${workers} workers, 3 campaigns, ${seconds} s each`);
    console.table(table);
  } finally {
    await server.stop();
  }
}

async function measure(
  redisUrl: string,
  limit: Limit,
  seconds: number,
  count: number,
): Promise<object> {
  const prefix = `bench-${limit.per}-${limit.rate}`;
  const children: ChildProcess[] = [];
  const begin = (role: string, environment: Record<string, string> = {}) => {
    const env = { PATH: process.env['PATH'], ...environment };
    const child = fork(fileURLToPath(import.meta.url), [role], { env, serialization: 'advanced' });
    children.push(child);
    return child;
  };
  const producer = createProducer({ redis: redisUrl, prefix });
  try {
    const sandbox = begin('sandbox');
    const [url] = await once(sandbox, 'message');
    const sendingMs = WARM_UP_MS + (seconds + 4) * 1000;
    await Promise.all(
      MIXES.map((mix, place) => {
        const rows = listOf(limit, mix, place, sendingMs / 1000);
        return producer.send({ rows }, { campaign: `list-${place}`, template: 'promo' });
      }),
    );
    const workers = Array.from({ length: count }, () =>
      begin('worker', {
        REDIS_URL: redisUrl,
        VOLLEY_PREFIX: prefix,
        ENGAGELAB_BASE_URL: String(url),
        ENGAGELAB_DEV_KEY: 'sandbox',
        ENGAGELAB_DEV_SECRET: 'sandbox',
        VOLLEY_RATE: String(limit.per === 'requests' ? limit.rate : 100_000),
        ...(limit.per === 'recipients' && { VOLLEY_RECIPIENT_RATE: String(limit.rate) }),
      }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const from = now() + WARM_UP_MS;
    const until = from + seconds * 1000;
    await sleep(WARM_UP_MS);
    const notified = await notifyUntil(until, producer);
    await sleep(500);
    const arrivals = await ask(sandbox);
    const permits = (await Promise.all(workers.map(ask))).flat();
    return figures(limit, { from, until, permits, arrivals, notified });
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await producer.close();
  }
}

/** Enough for so many seconds at the limit: each campaign has its turn as often as the others. */
function listOf(
  limit: Limit,
  mix: readonly number[],
  place: number,
  seconds: number,
): Iterable<GivenRow> {
  const mean = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0) / sizes.length;
  const perTurn = limit.per === 'requests' ? 3 : MIXES.reduce((sum, each) => sum + mean(each), 0);
  const messages = Math.ceil((limit.rate * seconds) / perTurn);
  const sizes = limit.per === 'requests' ? [1] : mix;
  return (function* () {
    let number = 6_580_000_000 + place * 5_000_000;
    for (let message = 0; message < messages; message++) {
      for (let left = sizes[message % sizes.length] ?? 1; left > 0; left--) {
        yield { to: `+${number++}`, params: { text: `message ${message}` } };
      }
    }
  })();
}

/** @returns when each was notified */
async function notifyUntil(
  until: number,
  producer: ReturnType<typeof createProducer>,
): Promise<Map<string, number>> {
  const notified = new Map<string, number>();
  const given: Promise<unknown>[] = [];
  for (let number = 6_590_000_000; now() < until - 1000; number++) {
    const to = `+${number}`;
    notified.set(to, now());
    given.push(producer.notify({ to, template: ALERT }));
    await sleep(100 + 400 * Math.random());
  }
  await Promise.all(given);
  await sleep(Math.max(0, until - now()));
  return notified;
}

async function ask(child: ChildProcess): Promise<Event[]> {
  child.send('report');
  const [events]: Event[][] = await once(child, 'message');
  return events ?? [];
}

interface Run {
  from: number;
  until: number;
  permits: Event[];
  arrivals: Event[];
  notified: Map<string, number>;
}

function figures(limit: Limit, { from, until, permits, arrivals, notified }: Run): object {
  const weight = ({ numbers }: Event) => (limit.per === 'requests' ? 1 : numbers);
  const due = (limit.rate * (until - from)) / 1000;
  const share = (events: readonly Event[]) => {
    const within = events.filter(({ at }) => at >= from && at < until);
    return `${((within.reduce((sum, each) => sum + weight(each), 0) / due) * 100).toFixed(2)} %`;
  };
  const slotMs = limit.per === 'requests' ? 1000 / limit.rate : undefined;
  const waits = arrivals
    .flatMap(({ at, alerted }) => at - (notified.get(alerted ?? '') ?? Number.NaN))
    .filter((wait) => !Number.isNaN(wait))
    .sort((a, b) => a - b);
  const percentile = (part: number) => {
    const ms = waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? Number.NaN;
    return `${ms.toFixed(1)} ms${slotMs ? ` = ${(ms / slotMs).toFixed(1)} slots` : ''}`;
  };
  return {
    permits: share(permits),
    arrivals: share(arrivals),
    'most permits/s': most(permits, weight),
    'most arrivals/s': most(arrivals, weight),
    notified: `${waits.length} of ${notified.size}`,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

/** The most in any second, its end not included. Of recipients, the last message of a second may stand out. */
function most(events: readonly Event[], weight: (event: Event) => number): number {
  const sorted = events.toSorted((a, b) => a.at - b.at);
  let first = 0;
  let sum = 0;
  let highest = 0;
  for (const each of sorted) {
    sum += weight(each);
    for (let oldest = sorted[first]; oldest && oldest.at <= each.at - 1000; ) {
      sum -= weight(oldest);
      oldest = sorted[++first];
    }
    highest = Math.max(highest, sum);
  }
  return highest;
}

async function beSandbox(): Promise<void> {
  const arrivals: Event[] = [];
  const sandbox = await startSandbox({
    onRequest: ({ point, to, template }) => {
      if (point !== 'received') return;
      const alerted = template === ALERT ? to[0] : undefined;
      arrivals.push({ at: now(), numbers: to.length, ...(alerted && { alerted }) });
    },
  });
  reportOnDemand(arrivals);
  process.send?.(sandbox.url);
}

async function beWorker(): Promise<void> {
  const permits: Event[] = [];
  const { acquire } = Pacer.prototype;
  Pacer.prototype.acquire = async function (waiter, signal) {
    const permit = await acquire.call(this, waiter, signal);
    if (permit) permits.push({ at: now(), numbers: waiter.numbers });
    return permit;
  };
  const worker = new Worker(loadConfig(process.env), createLogger('error', false));
  await worker.start();
  reportOnDemand(permits);
  process.send?.('ready');
}

function reportOnDemand(events: Event[]): void {
  process.on('message', () => process.send?.(events));
  process.on('disconnect', () => process.exit());
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
