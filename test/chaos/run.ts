/**
 * The failure suite at length. Exits 1 on any recipient lost or doubled, any count that is wrong. What came of it is
 * kept in `.chaos/`.
 *
 * Run: npm run chaos -- --minutes 30 --seed 7     random failures in random campaigns
 *      npm run chaos -- --seed 7 --rounds 1       one of them again; with --log debug more
 *      npm run chaos -- --matrix                  every point with everything that can fail there
 *      npm run chaos -- --matrix --only 'replay|cancel'   of its rows those that match
 *      npm run chaos -- --suspensions 50          machines are suspended, and commands given meanwhile
 *      npm run chaos -- --start-times 200         campaigns are cancelled and replayed before their time
 *      npm run chaos -- --opt-outs                numbers opt out as they are about to be texted
 *      npm run chaos -- --acceptance              300 workers and 10 Redis killed during 50,000 recipients
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { randomFrom } from '../../src/sandbox/chance.ts';
import { matrix } from './cells.ts';
import { killWorkers } from './kill-workers.ts';
import { sideBySide } from './lanes.ts';
import { describeScenario, randomScenario } from './random.ts';
import { play, type Report, type Scenario } from './scenario.ts';
import { optOuts, suspensions } from './series.ts';
import { cancelBeforeStart } from './start-times.ts';
import { type CellReport, faultsOf, matrixTable } from './table.ts';

const FOLDER = '.chaos';
const PROGRESS_MS = 10_000;
const REDIS_KILLS = 10;
/** Who opts out, at each distance to Redis. */
const PEOPLE = 300;
const { PATH: path = '' } = process.env;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    rounds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    log: { type: 'string', default: 'info' },
    parallel: { type: 'string', default: '2' },
    matrix: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    acceptance: { type: 'boolean', default: false },
    suspensions: { type: 'string' },
    'start-times': { type: 'string' },
    'opt-outs': { type: 'boolean', default: false },
    recipients: { type: 'string', default: '50000' },
    kills: { type: 'string', default: '300' },
  },
});
const seed = Number(values.seed);
const parallel = Number(values.parallel);
const only = new RegExp(values.only);

// By its exit it takes the workers with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
await mkdir(FOLDER, { recursive: true });
process.exitCode = (await run()) ? 0 : 1;

function run(): Promise<boolean> {
  if (values.matrix) return playMatrix();
  if (values.acceptance) return accept();
  if (values.suspensions !== undefined) {
    return playSeries('suspensions', suspensions(Number(values.suspensions), seed));
  }
  if (values['start-times'] !== undefined) return startTimes(Number(values['start-times']));
  if (values['opt-outs']) return playSeries('opt-outs', optOuts(PEOPLE, seed));
  return playRandom();
}

async function playSeries(name: string, series: readonly Scenario[]): Promise<boolean> {
  const left = [...series];
  const failed: { scenario: string; problems: readonly string[] }[] = [];
  console.log(`seed ${seed}`);
  await sideBySide(parallel, async () => {
    const scenario = left.shift();
    if (scenario === undefined) return false;
    const { problems, ms } = await play(scenario, path, values.log);
    const said = `${describeScenario(scenario)}: ${problems.length} problems, ${ms} ms`;
    console.log([said, ...problems].join('\n  '));
    if (problems.length > 0) failed.push({ scenario: said, problems });
    return true;
  });
  console.log(`${name}: ${series.length} campaigns, ${failed.length} failed`);
  await writeFile(`${FOLDER}/${name}.json`, JSON.stringify({ seed, failed }, undefined, 1));
  return failed.length === 0;
}

async function startTimes(rounds: number): Promise<boolean> {
  const report = await cancelBeforeStart({ path, rounds, random: randomFrom(seed) });
  console.log(JSON.stringify({ seed, ...report }));
  await writeFile(`${FOLDER}/start-times.json`, JSON.stringify({ seed, ...report }, undefined, 1));
  return report.rounds === rounds && report.early === 0 && report.problems.length === 0;
}

async function playMatrix(): Promise<boolean> {
  const cells = matrix().filter(({ point }) => only.test(point));
  const reports: CellReport[] = [];
  const faults: string[] = [];
  await sideBySide(parallel, async () => {
    const cell = cells.shift();
    if (cell === undefined) return false;
    const done = { cell, report: await play(cell, path, values.log) };
    reports.push(done);
    const wrong = faultsOf(done);
    faults.push(...wrong);
    const { lost, doubled, unconfirmed, ms } = done.report;
    const counts = `${lost} lost, ${doubled} doubled, ${unconfirmed} unconfirmed, ${ms} ms`;
    console.log(`${cell.point}, ${cell.victim}, ${cell.policy}: ${counts}`);
    for (const fault of wrong) console.log(`  ${fault}`);
    return true;
  });
  const tables = ['park', 'resend'].map((policy) => matrixTable(reports, policy)).join('\n\n');
  console.log(`\n${tables}\n\n${reports.length} cells, ${faults.length} faults`);
  for (const fault of faults) console.log(`- ${fault}`);
  await writeFile(`${FOLDER}/matrix.json`, JSON.stringify(reports, undefined, 1));
  await writeFile(`${FOLDER}/matrix.md`, `${tables}\n`);
  return faults.length === 0;
}

async function playRandom(): Promise<boolean> {
  const ends = performance.now() + Number(values.minutes) * 60_000;
  const total = {
    rounds: 0,
    struck: 0,
    recipients: 0,
    lost: 0,
    doubled: 0,
    unconfirmed: 0,
    unsent: 0,
  };
  const failed: { seed: number; scenario: string; report: Report }[] = [];
  let next = 0;
  console.log(`seed ${seed}`);
  const progress = setInterval(() => console.log(JSON.stringify(total)), PROGRESS_MS);
  await sideBySide(parallel, async () => {
    if (performance.now() > ends || next >= Number(values.rounds)) return false;
    const own = seed + next++;
    const scenario = randomScenario(randomFrom(own));
    const report = await play(scenario, path, values.log);
    total.rounds++;
    total.recipients += scenario.recipients;
    for (const name of ['struck', 'lost', 'doubled', 'unconfirmed', 'unsent'] as const) {
      total[name] += report[name];
    }
    if (report.problems.length > 0) {
      failed.push({ seed: own, scenario: describeScenario(scenario), report });
      console.log(`FAILED; again with: npm run chaos -- --seed ${own} --rounds 1`);
      console.log(`  ${describeScenario(scenario)}`);
      for (const problem of report.problems) console.log(`  ${problem}`);
    }
    return true;
  });
  clearInterval(progress);
  const result = { seed, ...total, failed };
  console.log(JSON.stringify({ ...result, failed: failed.length }));
  await writeFile(`${FOLDER}/random.json`, JSON.stringify(result, undefined, 1));
  return failed.length === 0;
}

async function accept(): Promise<boolean> {
  const recipients = Number(values.recipients);
  const dir = await mkdtemp(join(tmpdir(), 'volley-chaos-'));
  const start = (port?: number) => startEmbeddedRedis({ path, dir, appendfsync: 'always', port });
  let server = await start();
  const { url, port } = server;
  const killRedis = async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    server = await start(port);
  };
  try {
    const report = await killWorkers({
      redisUrl: url,
      prefix: 'chaos',
      recipients,
      workers: 4,
      kills: Number(values.kills),
      redisKills: REDIS_KILLS,
      killRedis,
      random: randomFrom(seed),
      onKill: (killed, { pending }) => console.log(`${killed} killed, ${pending} pending`),
    });
    await writeFile(`${FOLDER}/acceptance.json`, JSON.stringify({ seed, ...report }, undefined, 1));
    console.log(JSON.stringify({ seed, ...report }));
    const { status, sandbox, verification, unbalanced } = report;
    return (
      status.accepted + status.unconfirmed === recipients &&
      sandbox.texted_again === 0 &&
      verification.differences.length === 0 &&
      unbalanced === 0
    );
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
