/**
 * The compose file. That it fits the settings is always tested; that it runs takes minutes, a registry and Docker,
 * and is tested where VOLLEY_TEST_DOCKER is set: VOLLEY_TEST_DOCKER=1 npx vitest run test/docker
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/shared/config.ts';
import { dockerAnswers } from '../support/docker.ts';
import { createProject, ROOT } from './compose.ts';

const isAsked = Boolean(process.env['VOLLEY_TEST_DOCKER']) && (await dockerAnswers(process.env));

const read = (name: string) => readFile(join(ROOT, name), 'utf8');

test('passes on every setting', async () => {
  const schema = await read('src/shared/config.ts');
  const names = [...schema.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
  expect(names).toContain('VOLLEY_RATE');
  const compose = await read('docker-compose.yml');
  const passed = [...compose.matchAll(/^ {4}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
  expect(passed.toSorted()).toEqual(names.toSorted());
});

test('gives a worker more time to stop than it takes', async () => {
  const worker = /^ {2}worker:\n(?: {4}.*\n)+/m.exec(await read('docker-compose.yml'))?.[0];
  const seconds = Number(/stop_grace_period: (\d+)s/.exec(worker ?? '')?.[1]);
  expect(seconds * 1000).toBeGreaterThan(loadConfig({}).shutdownGraceMs);
});

test('publishes ports on loopback only', async () => {
  const compose = await read('docker-compose.yml');
  const ports = [...compose.matchAll(/^ {6}- "?([^"\n]*:\d+)"?$/gm)].map(([, port]) => port);
  expect(ports).toEqual(['127.0.0.1:4010:4010']);
});

test.runIf(isAsked)(
  'texts nobody twice and loses nobody through a killed worker and a down with jobs waiting',
  { timeout: 600_000 },
  async () => {
    const { compose, docker, volley, sandboxStats } = await createProject(process.env);
    const list = `test-${process.pid}.csv`;
    await mkdir(join(ROOT, 'lists'), { recursive: true });
    onTestFinished(() => rm(join(ROOT, 'lists', list), { force: true }));
    const rows = Array.from({ length: 6000 }, (_none, at) => `+${6_590_000_000 + at},N${at}\n`);
    await writeFile(join(ROOT, 'lists', list), `phone,name\n${rows.join('')}`);
    const until = (condition: (status: Record<string, unknown>) => boolean) =>
      expect
        .poll(async () => condition(await volley('status', 'spring')), { timeout: 120_000 })
        .toBe(true);

    await compose('up', '-d', '--build', '--scale', 'worker=2');
    const send = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
    await volley('send', list, ...send);
    await until(({ pending }) => Number(pending) < 5500);
    const [first = '', second = ''] = (await compose('ps', '-q', 'worker')).split('\n');
    await docker('kill', first);
    await until(({ pending }) => Number(pending) < 4000);
    await docker('stop', '--time', '50', second);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', second)).toBe('0\n');
    expect(await volley('status', 'spring')).toMatchObject({ balanced: true });

    // like `down`, but for the sandbox, whose count has to last
    await compose('rm', '--stop', '--force', 'worker', 'redis');
    await compose('up', '-d', '--scale', 'worker=2');
    await until(({ state }) => state === 'finished');

    expect(await volley('verify', 'spring')).toMatchObject({ verified: true, recipients: 6000 });
    const { accepted, unconfirmed } = await volley('status', 'spring');
    const { numbers, texted_again } = await sandboxStats();
    expect(texted_again).toBe(0);
    // What the killed worker had under way is unconfirmed, and may or may not have left.
    expect(Number(accepted) + Number(unconfirmed)).toBe(6000);
    expect(numbers).toBeGreaterThanOrEqual(Number(accepted));
    expect(Number(unconfirmed)).toBeLessThanOrEqual(loadConfig({}).concurrency);
  },
);
