/** Runs the command to its end, as a process of its own: what it printed, how long it took, and what it held at its peak. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { peakMemory } from './proc.ts';

const VOLLEY = new URL('../../bin/volley', import.meta.url).pathname;
const LOOKS_EVERY_MS = 50;

export interface CommandRun {
  /** What it printed as JSON. */
  readonly result: Record<string, unknown>;
  readonly stderr: string;
  /** VmHWM. Linux only. */
  readonly peakMb: number;
  readonly seconds: number;
}

/** @throws Error with what it wrote on standard error, where it fails */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandRun> {
  const startedAt = performance.now();
  const env = { ...process.env, ...environment };
  const child = spawn(VOLLEY, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  let peakMb = 0;
  const watch = setInterval(() => {
    peakMb = peakOf(child.pid ?? 0) ?? peakMb;
  }, LOOKS_EVERY_MS);
  await once(child, 'close');
  clearInterval(watch);
  if (child.exitCode !== 0) throw new Error(`volley ${args.join(' ')}: ${stderr}`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { result: JSON.parse(stdout), stderr, peakMb, seconds };
}

/** MB; undefined once the process is gone, or only its number is left. */
function peakOf(pid: number): number | undefined {
  try {
    const bytes = peakMemory(pid);
    return Number.isNaN(bytes) ? undefined : bytes / 2 ** 20;
  } catch {
    return undefined;
  }
}
