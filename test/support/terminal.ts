/** A command on a terminal of its own: a pseudo-terminal that `script` of util-linux makes, typed at by a test. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Whether this machine has what it takes; other systems have a `script` that takes other options. */
export const hasTerminals = spawnSync('script', ['-qec', 'exit 7', '/dev/null']).status === 7;

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

export interface OnTerminal {
  /** Waits until the screen holds this text. */
  shows(text: string): Promise<void>;
  type(text: string): void;
  /** What the screen held, and the exit code. */
  ended: Promise<{ code: number | null; screen: string }>;
}

/** @param command for the shell, whose standard input, output and error are the terminal */
export function onTerminal(command: string, env: NodeJS.ProcessEnv): OnTerminal {
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += String(chunk);
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, screen }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    ended,
    type: (text) => void child.stdin.write(text),
    async shows(text) {
      while (!screen.includes(text)) {
        const more = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
        if (more === undefined && !screen.includes(text)) {
          throw new Error(`ended without showing ${JSON.stringify(text)}: ${screen}`);
        }
      }
    },
  };
}
