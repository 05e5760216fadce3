/** Machines whose clocks are not Redis's: who names them, and what the command makes of times that people give. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { beat, type Heartbeat } from '../../src/shared/fleet/heartbeat.ts';
import { run, temporaryFolder } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import { createScene, VOLLEY } from './scene.ts';

const CLOCK = new URL('../chaos/clock.ts', import.meta.url).href;
const DAY = 86_400_000;

test('a worker that is more than a minute off is named by status and doctor, from a machine that is a day off', async () => {
  const { env, keys } = await createScene();
  const redis = connect();
  const beats = (id: string, clock_off_ms?: number) => {
    const heartbeat: Heartbeat = {
      id,
      host: `host-${id}`,
      pid: 1,
      in_flight: 0,
      sent_per_s: 0,
      // However long the command takes to start here.
      seen_at: Date.now() + 60_000,
    };
    return beat(redis, keys.fleet, {
      ...heartbeat,
      ...(clock_off_ms !== undefined && { clock_off_ms }),
    });
  };
  await Promise.all([
    beats('fast', DAY),
    beats('slow', -90_000),
    beats('fine', 59_000),
    beats('old'),
  ]);
  const off = { ...env, NODE_OPTIONS: `--import ${CLOCK}`, VOLLEY_CHAOS_CLOCK: 'ahead' };
  const volley = (...words: string[]) => run(VOLLEY, words, { env: off });

  const [{ stdout }, status, doctor] = await Promise.all([
    volley('status'),
    volley('status', '--json'),
    volley('doctor', '--json'),
  ]);
  expect(stdout).toMatch(/^workers {2}4$/m);
  expect(stdout).toMatch(
    /fast on host-fast, .* seen just now\n +its clock is 1 d ahead of Redis's\n/,
  );
  expect(stdout).toMatch(/slow on host-slow, .*\n +its clock is 1 min 30 s behind Redis's\n/);
  expect(stdout.match(/its clock/g)).toHaveLength(2);

  const { workers } = JSON.parse(status.stdout);
  const offs = workers.map(({ id, clock_off_ms }: Heartbeat) => [id, clock_off_ms]);
  expect(Object.fromEntries(offs)).toEqual({ fast: DAY, slow: -90_000, fine: 59_000, old: null });

  const { checks } = JSON.parse(doctor.stdout);
  const found = checks.find(({ check }: { check: string }) => check === 'clock of workers');
  expect(found).toMatchObject({ status: 'warning' });
  expect(found.detail).toContain("fast on host-fast: its clock is 1 d ahead of Redis's");
  expect(found.detail).toContain("slow on host-slow: its clock is 1 min 30 s behind Redis's");
  expect(found.detail).not.toContain('fine');
});

test("times that people give are held against Redis's clock", async () => {
  const { env, keys } = await createScene();
  const list = join(await temporaryFolder(), 'list.csv');
  await writeFile(list, 'to\n+6591234567\n');
  const off = { ...env, NODE_OPTIONS: `--import ${CLOCK}`, VOLLEY_CHAOS_CLOCK: 'ahead' };
  const send = (...words: string[]) =>
    run(VOLLEY, ['send', list, '--template', 'promo', '--yes', '--json', ...words], { env: off });
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const before = new Date(Date.now() - 3_600_000).toISOString();
  const [hour, past] = await Promise.all([
    send('--campaign', 'hour', '--start-at', inAnHour),
    send('--campaign', 'past', '--start-at', before),
  ]);
  expect([hour.code, past.code]).toEqual([0, 2]);
  expect(await campaignStatus(connect(), keys, 'hour')).toMatchObject({ state: 'scheduled' });
});
