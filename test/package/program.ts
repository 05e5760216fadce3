/** A program that runs on while a test talks to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Program {
  /** The first line of its standard output of that form, past or to come. */
  line(form: RegExp): Promise<string>;
  ended(): Promise<{ code: number | null; stderr: string }>;
  /** Tells it to end, and waits for that. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; stderr: string }>;
}

/** Killed when the test has finished, if it has not ended by then. */
export function startProgram(
  file: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Program {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  const look = () => {
    for (const each of waiting) each();
  };
  reader.on('line', (line) => {
    lines.push(line);
    look();
  });
  const stderr = text(child.stderr);
  let isOver = false;
  const over = once(child, 'close').then(() => {
    isOver = true;
    look();
  });
  const ended = async () => {
    await over;
    return { code: child.exitCode, stderr: await stderr };
  };
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await over;
  });
  return {
    line: (form) =>
      new Promise((resolve, reject) => {
        const find = () => {
          const found = lines.find((line) => form.test(line));
          if (found === undefined && !isOver) return;
          waiting.delete(find);
          if (found !== undefined) resolve(found);
          else void stderr.then((words) => reject(new Error(`it ended without ${form}: ${words}`)));
        };
        waiting.add(find);
        find();
      }),
    ended,
    end: (signal) => {
      child.kill(signal);
      return ended();
    },
  };
}
