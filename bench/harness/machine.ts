/** What a figure was measured on. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import {
  arch,
  availableParallelism,
  cpus,
  loadavg,
  platform,
  release,
  tmpdir,
  totalmem,
} from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { findProgram } from '../../src/local-redis/server-program.ts';
import { figure } from './figures.ts';

export const Machine = z.object({
  at: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memory_gb: z.number(),
  os: z.string(),
  /** Before the first question: what else the machine is busy with. */
  load: z.number(),
  /** Median ms of one write of 4 KB and its sync: what `appendfsync always` waits for. */
  fsync_ms: z.number(),
  versions: z.record(z.string(), z.string()),
  commit: z.string(),
});
export type Machine = z.infer<typeof Machine>;

export function describeMachine(): Machine {
  return {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release()} ${arch()}`,
    load: loadavg()[0] ?? Number.NaN,
    fsync_ms: fsyncMs(),
    versions: {
      node: process.version,
      redis: redisVersion(),
      ...Object.fromEntries(
        ['bullmq', 'ioredis', 'undici', 'csv-parse'].map((name) => [name, packageVersion(name)]),
      ),
    },
    commit: commit(),
  };
}

export function sayMachine(machine: Machine): string {
  const { cores, cpu, memory_gb, os, load, fsync_ms, versions, commit, at } = machine;
  const programs = Object.entries(versions).map((pair) => pair.join(' '));
  return [
    `${cores} × ${cpu}, ${memory_gb} GB, ${os}; a sync to the disk takes ${fsync_ms} ms; load ${load.toFixed(2)}`,
    `${programs.join(', ')}; commit ${commit}; ${at}`,
  ].join('\n');
}

function fsyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'volley-bench-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const block = Buffer.alloc(4096);
  const runs = Array.from({ length: 50 }, () => {
    const started = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round(figure('ms', runs).median * 100) / 100;
}

function redisVersion(): string {
  const { PATH: path = '' } = process.env;
  const program = findProgram(['redis-server', 'valkey-server'], path);
  if (program === undefined) return 'none';
  return /v=(\S+)/.exec(run(program, '--version'))?.[1] ?? 'unknown';
}

function packageVersion(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const Package = z.object({ version: z.string() });
  return Package.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}

function commit(): string {
  const head = run('git', 'rev-parse', '--short', 'HEAD').trim();
  if (head === '') return 'unknown';
  return run('git', 'status', '--porcelain', '--', 'src', 'bench') === ''
    ? head
    : `${head}, changed`;
}

function run(program: string, ...words: string[]): string {
  try {
    return execFileSync(program, words, {
      encoding: 'utf8',
      cwd: new URL('../../', import.meta.url),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
