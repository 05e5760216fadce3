import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sandboxCommand } from '../../src/cli/commands/sandbox.ts';
import { FAULTS } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/index.ts';

const MODULE = new URL('../../src/cli/commands/sandbox.ts', import.meta.url).href;
const SCRIPT = `import { sandboxCommand } from '${MODULE}';
await sandboxCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;

function parse(...args: string[]): Promise<unknown> {
  return sandboxCommand().parseAsync(args, { from: 'user' });
}

describe('volley sandbox', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)('serves until %s', async (signal) => {
    const args = ['--input-type=module', '-e', SCRIPT, '--', '--port', '0', '--json'];
    const child = spawn(process.execPath, [...args, '--fault', '503=1', '--record-arrivals']);
    const exited = once(child, 'exit');
    const stderr = text(child.stderr);
    const [line] = await once(child.stdout, 'data');
    const { url, port } = JSON.parse(String(line));
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const faults = await (await fetch(`${url}/sandbox/faults`)).json();
    expect(faults).toMatchObject({ rates: { 503: 1 }, latency: 0, seed: 1 });
    expect((await fetch(`${url}/sandbox/arrivals`)).status).toBe(200);
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
    expect(await stderr).toBe(
      'sandbox: 0 requests, 0 texts to 0 numbers, 0 of them more than once\n',
    );
  });

  test('help lists every fault', () => {
    let help = '';
    const command = sandboxCommand().configureOutput({
      writeOut: (written) => {
        help += written;
      },
    });
    command.outputHelp();
    const lines = help.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
    const listed = FAULTS.map(({ name, about }) => `${name} ${about}`);
    expect(lines).toEqual(expect.arrayContaining(listed));
    expect(help).toContain('Examples:');
  });

  const BAD: [string, string[], string][] = [
    ['a port', ['--port', 'x'], 'sandbox: --port: expected a port from 0 to 65535, got "x"'],
    ['a share', ['--fault', '1000=2'], 'expected NAME=SHARE'],
    ['a fault', ['--fault', 'nope=0.1'], 'no fault is called "nope"'],
    ['a latency', ['--latency', 'slow'], 'sandbox: --latency: expected milliseconds'],
    ['a seed', ['--seed', '1.5'], 'sandbox: --seed: expected an integer'],
    ['a number', ['--bad-number', 'x'], 'expected phone numbers'],
  ];
  test.for(BAD)('refuses %s that is wrong', async ([, args, message]) => {
    await expect(parse('--port', '0', ...args)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining(message),
    });
  });

  test('says that a port is in use', async () => {
    await using sandbox = await startSandbox();
    const listeners = process.listenerCount('SIGTERM');
    await expect(parse('--port', String(sandbox.port))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
  });
});
