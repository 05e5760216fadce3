/**
 * `volley sandbox`: the EngageLab stand-in on a port, until stopped. Parses, starts, prints; no
 * more.
 */
import { Command } from 'commander';
import { FAULTS } from '../../sandbox/faults.ts';
import type { Stats } from '../../sandbox/index.ts';
import { VolleyError } from '../../shared/errors.ts';
import { written } from '../terminal/output.ts';

const DEFAULT_PORT = 4010;

const HELP = `
Examples:
  volley sandbox
  volley sandbox --port 0 --json
  volley sandbox --fault 1000=0.02 --fault close-after=0.01 --latency 20-80
  volley sandbox --bad-number +6591234567
  curl http://127.0.0.1:${DEFAULT_PORT}/sandbox/stats
  curl -X PUT -d '{"rates":{"503":1}}' http://127.0.0.1:${DEFAULT_PORT}/sandbox/faults

Over HTTP, without credentials:
  GET  /sandbox/stats         totals: requests, texts, numbers, answers and more
  GET  /sandbox/texts         a line a number: {"to","count","template",
                              "params","changed"}
  GET  /sandbox/texts/+65...  one number
  GET  /sandbox/arrivals      a line a request: {"ms","recipients","template"}
  GET  /sandbox/faults        as set
  PUT  /sandbox/faults        any of {"rates":{"503":1},
                              "on_template":{"promo":"5001"},
                              "on_number":{"+65...":"1000"},
                              "bad_numbers":["+65..."],"latency":[20,80],
                              "seed":7}; what is left out stays
  POST /sandbox/down          {"ms":5000}: refuses connections for so long
  POST /sandbox/reset         forgets what was counted

Keys: "disabled" is answered 2002, "forbidden" 2004, any other but --key 2001.
Templates: any is known, but those that begin with "missing" (4001).

Faults, for --fault, or as the id of a template:
`;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly key: string;
  readonly secret: string;
  readonly template?: string[];
  readonly fault?: Record<string, number>;
  readonly seed: number;
  readonly badNumber?: string[];
  readonly latency: number | [number, number];
  readonly recordArrivals?: true;
  readonly json?: true;
}

export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('run a local stand-in for EngageLab, which answers, fails as told, and counts')
    .option('--port <port>', 'port to listen on; 0 takes any that is free', parsePort, DEFAULT_PORT)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--key <key>', 'dev key that is accepted', 'sandbox')
    .option('--secret <secret>', 'its secret', 'sandbox')
    .option('--template <id>', 'the only template there is (repeatable)', append)
    .option('--fault <name=share>', 'fault for a share of requests (repeatable)', addFault)
    .option('--seed <n>', 'where random numbers begin, so that runs repeat', parseSeed, 1)
    .option('--bad-number <number>', 'refused with 3003 (repeatable)', append)
    .option('--latency <ms>', 'before each reply: a number, or least-most', parseLatency, 0)
    .option('--record-arrivals', 'keep the time of each request')
    .option('--json', 'print {"url","port"} once it listens')
    .addHelpText('after', () => HELP + faultList())
    .action(run);
}

async function run(options: Options): Promise<void> {
  using signal = untilSignal();
  // Not loaded for `volley --help`, nor for any other command.
  const { startSandbox } = await import('../../sandbox/index.ts');
  await using sandbox = await startSandbox({
    host: options.host,
    port: options.port,
    key: options.key,
    secret: options.secret,
    templates: options.template,
    recordArrivals: options.recordArrivals ?? false,
    faults: {
      rates: options.fault ?? {},
      bad_numbers: options.badNumber ?? [],
      latency: options.latency,
      seed: options.seed,
    },
  });
  const { url, port } = sandbox;
  if (options.json) console.log(JSON.stringify({ url, port }));
  else console.log(`EngageLab stand-in at ${url}, key "${options.key}"; Ctrl-C stops it`);
  // Whoever asked for any port could not know which one it is.
  await written();
  await signal.came;
  await sandbox.stop();
  console.error(summary(sandbox.stats()));
}

/** Listens from the first moment: a signal that comes while starting must stop it too. */
function untilSignal(): { came: Promise<void> } & Disposable {
  const { promise: came, resolve } = Promise.withResolvers<void>();
  const stop = () => resolve();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    came,
    [Symbol.dispose]() {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}

function summary({ requests, texts, numbers, texted_again: again }: Stats): string {
  const texted = `${texts} texts to ${numbers} numbers, ${again} of them more than once`;
  return `sandbox: ${requests} requests, ${texted}`;
}

function faultList(): string {
  const width = Math.max(...FAULTS.map(({ name }) => name.length));
  return FAULTS.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n');
}

function append(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw badOption('--port', 'a port from 0 to 65535', text);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw badOption('--seed', 'an integer', text);
}

function parseLatency(text: string): number | [number, number] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (match === null) throw badOption('--latency', 'milliseconds, such as 50 or 20-80', text);
  const [, least, most] = match;
  return most === undefined ? Number(least) : [Number(least), Number(most)];
}

function addFault(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [, name = '', share = ''] = /^([^=]+)=(\d*\.?\d+)$/.exec(text) ?? [];
  if (name !== '' && Number(share) <= 1) {
    return { ...before, [name]: Number(share) };
  }
  throw badOption('--fault', 'NAME=SHARE with a share from 0 to 1, such as 1000=0.02', text);
}

function badOption(option: string, expected: string, got: string): VolleyError {
  return new VolleyError('bad_input', `sandbox: ${option}: expected ${expected}, got "${got}"`);
}
