import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFleet, workUntilFinished } from '../support/fleet.ts';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { redisUrl, testPrefix } from '../support/redis.ts';
import { Face } from './face.ts';
import { compile, type PackedProject, packProject, programPath, removeProject } from './packed.ts';
import { startProgram } from './program.ts';

let project: PackedProject;
beforeAll(async () => {
  project = await packProject();
}, 120_000);
afterAll(() => removeProject(project));

async function runScript(name: string, text: string, env: NodeJS.ProcessEnv = {}) {
  await writeFile(join(project.folder, name), text);
  return run(process.execPath, [name], { cwd: project.folder, env });
}

describe('the package', () => {
  test('holds what it needs, and no more', () => {
    const kinds = new Set(project.files.map((path) => path.replace(/^dist\/.*?(\.d)?\./, '$1.')));
    expect([...kinds].sort()).toEqual([
      '.d.ts',
      '.js',
      '.lua',
      'CHANGELOG.md',
      'README.md',
      'bin/volley',
      'package.json',
    ]);
  });

  const USE = `
    const volley = createProducer({ redis: process.env.REDIS_URL, prefix: process.env.VOLLEY_PREFIX });
    const use = async () => {
      const sent = await volley.notify({ to: '+6591234567', template: 'otp', dedupeKey: 'one' });
      const { recipients, balanced } = await volley.status('notifications');
      const error = await volley.notify({ to: '12', template: 'otp' }).catch((reason) => reason);
      console.log(JSON.stringify({
        deduplicated: sent.deduplicated, recipients, balanced,
        code: error instanceof VolleyError && error.code,
      }));
      // Nothing but the connection keeps the program going.
      await volley.close();
    };
    use();`;
  test.each([
    ['an ESM program', 'use.mjs', `import { createProducer, VolleyError } from 'volley';${USE}`],
    [
      'a CommonJS program',
      'use.cjs',
      `const { createProducer, VolleyError } = require('volley');${USE}`,
    ],
  ])('works from %s, which then ends by itself', async (_kind, name, text) => {
    const env = { REDIS_URL: redisUrl(), VOLLEY_PREFIX: testPrefix() };
    const { code, stdout, stderr } = await runScript(name, text, env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      deduplicated: false,
      recipients: 1,
      balanced: true,
      code: 'bad_input',
    });
  });

  test('gives nothing but what it exports', async () => {
    const text = `
      import * as volley from 'volley';
      const deep = await import('volley/dist/index.js').catch(({ code }) => code);
      console.log(JSON.stringify({ names: Object.keys(volley), deep }));`;
    const { stdout } = await runScript('names.mjs', text);
    expect(JSON.parse(stdout)).toEqual({
      names: ['VolleyError', 'createProducer', 'createWorker'],
      deep: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    });
  });

  test('lets a program import every type that its declarations name, and says what each is', () => {
    const face = new Face(join(project.folder, 'node_modules', 'volley', 'dist'));
    expect(face.names).toContain('SendOptions');
    expect(face.hidden).toEqual([]);
    expect(face.silent).toEqual([]);
  });

  test('sees a type that cannot be imported', async () => {
    const folder = await temporaryFolder();
    await writeAll(folder, {
      'index.d.ts': "export type { Sent } from './sent.ts';\n",
      'sent.d.ts':
        "import type { Row } from './row.ts';\nexport interface Sent {\n    rows: Row[];\n}\n",
      'row.d.ts': 'export interface Row {\n    to: string;\n}\n',
    });
    const face = new Face(folder);
    expect(face.names).toEqual(['Sent']);
    expect(face.hidden).toEqual(['Sent: Row']);
    expect(face.silent).toEqual(['Sent']);
  });

  test.each([
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['--help'], /send .*notify/s],
    [['send', '--help'], /--template/],
  ])('has the command: volley %j', async (args, output) => {
    const volley = join(project.folder, 'node_modules', '.bin', 'volley');
    const env = { PATH: programPath };
    const { code, stdout, stderr } = await run(volley, args, { cwd: project.folder, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(output);
  });

  test('has declarations that programs compile against, the examples too', async () => {
    const consumer = `
      import {
        type AuditLine, type CampaignStatus, createProducer, createWorker, type FleetStatus, type Job,
        type ListOptions, type Logger, type Notification, type Preview, VolleyError,
      } from 'volley';
      const volley = createProducer({ redis: 'redis://127.0.0.1:6379', prefix: 'volley' });
      export const one: Promise<CampaignStatus> = volley.status('spring');
      export const all: Promise<FleetStatus> = volley.status();
      export const sent: Promise<Notification> = volley.notify({ to: '+6591234567', template: 'otp' });
      export async function lines(): Promise<AuditLine[]> {
        const list = [];
        for await (const line of volley.audit('spring', { states: ['rejected'] })) list.push(line);
        return list;
      }
      export const packed: Job['messages'] = [[['+6591234567'], []]];
      const worker = createWorker({ devKey: 'key', devSecret: 'secret', outcomes: { 5001: 'retry' } });
      worker.on('job', ({ ok, reason }) => { if (!ok) console.log(reason?.length); });
      // @ts-expect-error: no such policy
      void volley.notify({ to: '+6591234567', template: 'otp', onUnconfirmed: 'drop' });
      // @ts-expect-error: no such event
      worker.on('jobs', () => {});
      export const ask = ({ totals, excluded }: Preview) => totals.recipients > 0 && !excluded;
      export const list: ListOptions = { params: 'all', country: 'SG' };
      void volley.send({ path: 'list.csv' }, { ...list, template: 'promo', confirm: ask });
      // @ts-expect-error: only the inside passes it
      void volley.send({ path: 'list.csv' }, { template: 'promo', findSuppressed: () => [] });
      export const logged = (logger: Logger) => createWorker({ logger });
      export const mayTryAgain = (error: VolleyError) => error.details?.why === 'send_at_work';
      // @ts-expect-error: no such reason
      export const never = (error: VolleyError) => error.details?.why === 'sends_at_work';
      export const isAway = (error: unknown) => error instanceof VolleyError && error.code === 'unavailable';
    `;
    await writeFile(join(project.folder, 'consumer.ts'), consumer);
    const options = {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    await writeFile(join(project.folder, 'package.json'), '{"type": "module"}');
    await writeFile(
      join(project.folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['consumer.ts'], include: ['examples'] }),
    );
    const { code, stdout } = await compile(project, ['-p', '.']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

describe('the examples', () => {
  const example = (name: string, env: NodeJS.ProcessEnv) =>
    startProgram(process.execPath, ['--no-warnings', `examples/${name}.ts`], {
      cwd: project.folder,
      env,
    });

  test('a Fastify app notifies on an event', async () => {
    const fleet = await openFleet();
    const env = { REDIS_URL: redisUrl(), VOLLEY_PREFIX: fleet.keys.prefix, PORT: '0' };
    const app = example('fastify-notify', env);
    const address = await app.line(/^http:/);
    const ship = async (order: string, phone: string) => {
      const response = await fetch(`${address}/orders/${order}/shipped`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ phone }),
      });
      return { status: response.status, body: await response.json() };
    };
    const worker = fleet.createWorker();
    const ended = new Promise((resolve) => worker.on('job', resolve));
    await worker.start();

    const first = await ship('A-17', '+6591234567');
    expect(first).toEqual({
      status: 202,
      body: { message: expect.stringMatching(/^n-/), deduplicated: false },
    });
    const again = await ship('A-17', '+6591234567');
    expect(again).toMatchObject({ status: 202, body: { deduplicated: true } });
    expect(await ship('A-18', '12')).toMatchObject({ status: 400, body: { code: 'bad_input' } });
    expect(await ended).toMatchObject({ ok: true });
    expect(fleet.sandbox.textsTo('+6591234567')).toMatchObject({ count: 1 });
    expect(await app.end('SIGTERM')).toEqual({ code: 0, stderr: '' });
  });

  test('a script sends a campaign from a database cursor, once', async () => {
    const fleet = await openFleet();
    const env = { REDIS_URL: redisUrl(), VOLLEY_PREFIX: fleet.keys.prefix };
    const sent = { campaign: 'points-2026', rows: 3000, recipients: 3000, messages: 3000 };
    for (const released of [true, false]) {
      const script = example('campaign-from-database', env);
      expect(JSON.parse(await script.line(/^\{/))).toMatchObject({ ...sent, released });
      expect(await script.ended()).toEqual({ code: 0, stderr: '' });
    }
    await workUntilFinished(fleet.createWorker(), 'points-2026');
    expect(await fleet.counts('points-2026')).toEqual({ accepted: 3000 });
    expect(fleet.sandbox.stats()).toMatchObject({ numbers: 3000, most_texts: 1 });
  });

  test('a worker embedded in an app sends, and stops when it is told to', async () => {
    const fleet = await openFleet();
    await fleet.send('spring', [{ to: '+6591234567' }, { to: '+6591234568' }]);
    const app = example('embedded-worker', {
      REDIS_URL: redisUrl(),
      VOLLEY_PREFIX: fleet.keys.prefix,
      ENGAGELAB_BASE_URL: fleet.sandbox.url,
      ENGAGELAB_DEV_KEY: 'sandbox',
      ENGAGELAB_DEV_SECRET: 'sandbox',
    });
    await app.line(/^spring: finished$/);
    expect(await fleet.counts('spring')).toEqual({ accepted: 2 });
    expect(await app.end('SIGTERM')).toEqual({ code: 0, stderr: '' });
    await app.line(/^stopped$/);
  });
});
