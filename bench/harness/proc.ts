/** What the kernel counts of a process (Linux): its CPU time and its memory. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

let ticksPerSecond: number | undefined;

/** Microseconds of CPU so far, of all its threads; exact to a tick of the kernel, mostly 10 ms. */
export function cpuUs(pid: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name, in brackets, may have spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return ((user + system) / ticksPerSecond) * 1e6;
}

/** The most bytes that it has held in memory. */
export function peakMemory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}
