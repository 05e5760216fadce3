/** The compose file brought up for real, as a project of its own with a sandbox, for tests that have asked for it. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { type Ended, run } from '../support/programs.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SETTINGS = {
  ENGAGELAB_BASE_URL: 'http://sandbox:4010',
  ENGAGELAB_DEV_KEY: 'sandbox',
  ENGAGELAB_DEV_SECRET: 'sandbox',
  VOLLEY_RATE: '300',
  VOLLEY_LOCK_MS: '2000',
};

export interface Project {
  /** Fails the test when the command fails. @returns its standard output */
  compose(...args: string[]): Promise<string>;
  docker(...args: string[]): Promise<string>;
  /** `volley` in a container of its own, with its standard output read as JSON. */
  volley(...args: string[]): Promise<Record<string, unknown>>;
  sandboxStats(): Promise<Record<string, unknown>>;
}

/** Removed with its volume when the test has finished. */
export async function createProject(environment: NodeJS.ProcessEnv): Promise<Project> {
  const env = { ...environment, ...SETTINGS };
  const call = (file: string, args: readonly string[]) => run(file, args, { cwd: ROOT, env });
  const [program, first] = await composeProgram(call);
  const name = `volley-test-${randomBytes(4).toString('hex')}`;
  const prefix = [...first, '--project-name', name, '--profile', 'sandbox'];
  const compose = async (...args: string[]) =>
    outputOf(await call(program, [...prefix, ...args]), args);
  onTestFinished(async () => void (await compose('down', '--volumes', '--timeout', '5')));
  return {
    compose,
    docker: async (...args) => outputOf(await call('docker', args), args),
    async volley(...args) {
      return JSON.parse(await compose('run', '--rm', '-T', 'volley', ...args, '--json'));
    },
    async sandboxStats() {
      const script =
        "fetch('http://127.0.0.1:4010/sandbox/stats').then(r => r.text()).then(console.log)";
      return JSON.parse(await compose('exec', '-T', 'sandbox', 'node', '-e', script));
    },
  };
}

/** The plugin of Docker, or the program that it was before. */
async function composeProgram(
  call: (file: string, args: readonly string[]) => Promise<Ended>,
): Promise<[program: string, first: string[]]> {
  const { code } = await call('docker', ['compose', 'version']);
  return code === 0 ? ['docker', ['compose']] : ['docker-compose', []];
}

function outputOf({ code, stdout, stderr }: Ended, args: readonly string[]): string {
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}
