/**
 * Is the sandbox fast enough to measure with? Its requests a second beside those of a bare
 * `node:http` server that reads the body and answers a fixed JSON: each in a process of its own,
 * turn by turn, the same client. Fails below half. Run: `node bench/sandbox.ts`; it takes under
 * a minute.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { startSandbox } from '../src/sandbox/index.ts';
import { MESSAGES_PATH } from '../src/shared/contract.ts';

const KINDS = ['bare', 'sandbox'] as const;
type Kind = (typeof KINDS)[number];

const CONNECTIONS = 100;
const RUNS = 5;
const REQUESTS = 20_000;
const LEAST_RATIO = 0.5;
const HEADERS = {
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from('sandbox:sandbox').toString('base64')}`,
};

async function serve(kind: string): Promise<void> {
  // Asked for its CPU time: where the client is what is slow, two servers of any speed look alike.
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  if (kind === 'sandbox') {
    process.send?.((await startSandbox()).url);
    return;
  }
  const body = '{"plan_id":"1972484198153367552","total_count":1,"accepted_count":1}';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
        .end(body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address === 'object') process.send?.(`http://127.0.0.1:${address?.port}`);
}

/** Requests a second; every request is to another number, with params of its own. */
async function run(pool: Pool, requests: number): Promise<number> {
  let next = 0;
  const started = performance.now();
  const client = async () => {
    while (next < requests) {
      const number = 6_580_000_000 + next;
      next += 1;
      const params = { name: `Ada ${number}`, code: String(number % 10_000) };
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: MESSAGES_PATH,
        headers: HEADERS,
        body: JSON.stringify({ to: [`+${number}`], template: { id: 'promo', params } }),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`expected 200, got ${statusCode}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return (1000 * requests) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function compare(): Promise<void> {
  const file = fileURLToPath(import.meta.url);
  const sides = await Promise.all(
    KINDS.map(async (kind) => {
      const child = fork(file, [kind]);
      const [url] = await once(child, 'message');
      const pool = new Pool(String(url), { connections: CONNECTIONS });
      return { kind, child, pool, rates: [] as number[], cpu: [] as number[] };
    }),
  );
  try {
    for (const { pool } of sides) await run(pool, REQUESTS);
    for (let each = 0; each < RUNS; each += 1) {
      for (const { child, pool, rates, cpu } of sides) {
        const before = await cpuOf(child);
        rates.push(await run(pool, REQUESTS));
        cpu.push(((await cpuOf(child)) - before) / REQUESTS);
      }
    }
  } finally {
    for (const { pool, child } of sides) {
      await pool.destroy();
      child.kill();
    }
  }
  report(sides);
}

/** Microseconds so far. */
async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [microseconds] = await once(child, 'message');
  return Number(microseconds);
}

interface Side {
  readonly kind: Kind;
  readonly rates: readonly number[];
  readonly cpu: readonly number[];
}

function report(sides: readonly Side[]): void {
  console.log(`node ${process.version}, ${CONNECTIONS} connections, ${RUNS} runs of ${REQUESTS}`);
  for (const { kind, rates, cpu } of sides) {
    const spread = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
    const each = `${median(cpu).toFixed(1)} µs of CPU a request`;
    console.log(`${kind.padEnd(8)} ${Math.round(median(rates))} requests/s (${spread}), ${each}`);
  }
  const [bare, sandbox] = sides;
  const ratio = median(sandbox?.rates ?? []) / median(bare?.rates ?? []);
  const cpuRatio = median(bare?.cpu ?? []) / median(sandbox?.cpu ?? []);
  console.log(`ratio    ${ratio.toFixed(2)} by requests, ${cpuRatio.toFixed(2)} by CPU`);
  if (ratio >= LEAST_RATIO && cpuRatio >= LEAST_RATIO) return;
  console.log(`         below ${LEAST_RATIO}`);
  process.exitCode = 1;
}

const kind = process.argv[2];
if (kind === undefined) await compare();
else await serve(kind);
