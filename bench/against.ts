/**
 * Is this tree slower than another commit? Both deliver the same personal text, each by its own producer and worker,
 * in turn and in pairs: what disturbs the machine disturbs both. What drives and counts is this tree's, for both.
 *
 * Run: npm run bench:against                  this tree beside the commit before it
 *      npm run bench:against COMMIT           beside any other
 * Exit codes: 0 no slower, or not known to be; 1 slower, or a run failed; 2 wrong use; 130 stopped.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readCommand, TEXTS, type Text, USAGE, WrongUse } from './harness/against-command.ts';
import type { Child } from './harness/child.ts';
import { type Figure, figure, ratio, sayFigure, sayNumber } from './harness/figures.ts';
import { Lab } from './harness/lab.ts';
import { writeList } from './harness/lists.ts';
import { describeMachine, sayMachine } from './harness/machine.ts';
import { cpuUs } from './harness/proc.ts';
import { middleOf } from './harness/sign-interval.ts';
import { deliver, enqueueList } from './harness/volley.ts';

const HERE = fileURLToPath(new URL('../', import.meta.url));

interface Side {
  producer: Child;
  worker: Child;
}

/** A metric, and on which side of 1 a ratio of now to before is the slow one. */
const METRICS = {
  'recipients/s': { unit: 'recipients/s', slow: 'below' },
  'CPU a recipient': { unit: 'µs', slow: 'above' },
} as const;
type Metric = keyof typeof METRICS;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const given = readCommand();
    const wish = given && {
      ...given,
      commit: commitOf(given.commit ?? (isChanged() ? 'HEAD' : 'HEAD~1')),
    };
    if (wish === undefined) {
      console.log(USAGE);
      return 0;
    }
    return await compare(wish);
  } catch (error) {
    console.error(error instanceof WrongUse ? error.message : error);
    return error instanceof WrongUse ? 2 : 1;
  }
}

function commitOf(given: string): string {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${given}^{commit}`);
  } catch {
    throw new WrongUse(`expected a commit of this clone, got ${given}\n\n${USAGE}`);
  }
}

function isChanged(): boolean {
  return git('status', '--porcelain', '--', 'src', 'package-lock.json') !== '';
}

function git(...words: string[]): string {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  return execFileSync('git', words, { cwd: HERE, encoding: 'utf8', stdio: [...stdio] }).trim();
}

async function compare(wish: {
  commit: string;
  pairs: number;
  text: Text;
  messages: number;
  out: string | undefined;
}): Promise<number> {
  const { commit, pairs, text, messages } = wish;
  const { columns, batch } = TEXTS[text];
  const machine = describeMachine();
  console.log(sayMachine(machine));
  console.log(`now: ${machine.commit}; before: ${git('log', '-1', '--format=%h %s', commit)}`);
  const lab = new Lab();
  const stop = () => {
    console.error('stopped: ending what was started');
    void lab.close().then(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const folder = await lab.folder();
    const list = { path: join(folder, 'list.csv'), rows: messages };
    await writeList(list.path, messages);
    const redis = await lab.redis('everysec');
    const farEnd = await lab.farEnd();
    const sides = {
      before: sideIn(lab, checkOut(lab, commit, join(folder, 'before'))),
      now: sideIn(lab, HERE),
    };
    const run = async ({ producer, worker }: Side): Promise<Record<Metric, number>> => {
      await redis.clear();
      await farEnd.reset();
      const enqueued = await enqueueList(redis, producer, list, columns);
      const before = cpuUs(worker.pid);
      const ms = await deliver(redis, farEnd, [worker]);
      const us = cpuUs(worker.pid) - before;
      await farEnd.expectOnceEach(messages, Math.ceil(messages / batch));
      const took = text === 'equal' ? enqueued.ms + ms : ms;
      return { 'recipients/s': (messages / took) * 1000, 'CPU a recipient': us / messages };
    };
    const runs = { before: [] as Record<Metric, number>[], now: [] as Record<Metric, number>[] };
    for (let pair = 0; pair <= pairs; pair++) {
      // Whoever goes second finds a warmer machine.
      const order = pair % 2 === 0 ? (['before', 'now'] as const) : (['now', 'before'] as const);
      for (const name of order) {
        const came = await run(sides[name]);
        // The first pair warms up.
        if (pair > 0) runs[name].push(came);
        const words = Object.entries(came).map(
          ([metric, value]) => `${metric} ${sayNumber(value)}`,
        );
        console.error(`${pair === 0 ? 'warm-up' : `pair ${pair}`}  ${name}: ${words.join(', ')}`);
      }
    }
    return report(runs, { machine, ...wish, load: loadavg()[0] });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await lab.close();
  }
}

function report(
  runs: Record<'before' | 'now', readonly Record<Metric, number>[]>,
  about: { out: string | undefined; machine: { at: string }; load: number | undefined },
): number {
  let isSlower = false;
  const results = Object.entries(METRICS).map(([name, { unit, slow }]) => {
    const of = (side: 'before' | 'now') =>
      figure(
        unit,
        runs[side].map((each) => Reflect.get(each, name)),
      );
    const [before, now]: [Figure, Figure] = [of('before'), of('now')];
    const ratios = ratio(now, before);
    const interval = middleOf(ratios.runs);
    const isSlow = slow === 'below' ? interval.most < 1 : interval.least > 1;
    isSlower ||= isSlow;
    console.log(`\n${name}`);
    console.log(`  before  ${sayFigure(before)}\n  now     ${sayFigure(now)}`);
    const { least, most, confidence } = interval;
    const sure = `${sayNumber(100 * confidence)} %: ${least.toFixed(3)}–${most.toFixed(3)}`;
    console.log(`  now ÷ before  ${ratios.median.toFixed(3)} (${sure})`);
    console.log(`  ${isSlow ? 'slower' : 'no slower beyond noise'}`);
    return { name, before, now, ratio: ratios, interval, slower: isSlow };
  });
  const file = resolve(
    about.out ?? `bench/results/against-${about.machine.at.replaceAll(':', '-')}.json`,
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...about, results }, null, 2)}\n`);
  console.log(`\n${isSlower ? 'SLOWER' : 'no slower'}; all figures: ${file}`);
  return isSlower ? 1 : 0;
}

function sideIn(lab: Lab, folder: string): Side {
  const child = (file: string) =>
    lab.child(pathToFileURL(join(folder, 'bench/children', file)).href);
  return { producer: child('producer.ts'), worker: child('worker.ts') };
}

/** The commit's own code and packages, driven by this tree's bench. */
function checkOut(lab: Lab, commit: string, folder: string): string {
  git('worktree', 'add', '--quiet', '--detach', folder, commit);
  lab.atEnd(async () => void git('worktree', 'remove', '--force', folder));
  rmSync(join(folder, 'bench'), { recursive: true, force: true });
  cpSync(join(HERE, 'bench'), join(folder, 'bench'), { recursive: true });
  const lock = (tree: string) => readFileSync(join(tree, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(HERE)) {
    symlinkSync(join(HERE, 'node_modules'), join(folder, 'node_modules'));
  } else {
    console.error('before: other packages are locked there, which are installed now');
    execFileSync('npm', ['ci', '--silent'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return folder;
}
