/**
 * The benchmark suite: `npm run bench` answers every question, `npm run bench -- NAME …` some of them.
 * Exit codes: 0 answered, whether targets were met or not; 1 a run failed, as where a number was not texted exactly
 * once; 2 wrong use; 130 stopped.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../src/shared/errors.ts';
import { Lab } from './harness/lab.ts';
import { describeMachine, sayMachine } from './harness/machine.ts';
import type { Question } from './harness/question.ts';
import { type Answered, asMarkdown, Report, sayAnswer } from './harness/report.ts';
import { questions } from './questions/index.ts';

const USAGE = `Usage: npm run bench -- [QUESTION…] [options]

Questions (default: all, within 20 minutes on an idle machine of 2 cores):
${Object.entries(questions)
  .map(([name, { asks }]) => `  ${name.padEnd(14)} ${asks}`)
  .join('\n')}

Options:
  --quick         small sizes, to see whether all works
  --SIZE N        another size of the questions named, as in --recipients 5000
  --out FILE      where the JSON goes (default: bench/results/TIME.json)
  --profile DIR   CPU profiles of the processes that are measured, into DIR
  --markdown FILE prints the tables of an earlier run's JSON, and measures nothing`;

class WrongUse extends Error {}

await main();

async function main(): Promise<void> {
  try {
    const { names, sizes, values } = readCommand();
    if (values.help) console.log(USAGE);
    else if (values.markdown !== undefined) console.log(markdownOf(values.markdown));
    else await answerAll(names, sizes, values);
  } catch (error) {
    console.error(error instanceof WrongUse ? error.message : error);
    process.exitCode = error instanceof WrongUse ? 2 : 1;
  }
}

function readCommand() {
  const known = Object.values(questions).flatMap(({ sizes }) => Object.keys(sizes));
  const sizeOptions = Object.fromEntries(known.map((name) => [name, { type: 'string' } as const]));
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    throw new WrongUse(`${describeError(error)}\n\n${USAGE}`);
  }
  const names = parsed.positionals.length > 0 ? parsed.positionals : Object.keys(questions);
  const sizes = new Map<string, number>();
  for (const name of known) {
    const text = Reflect.get(parsed.values, name);
    if (text === undefined) continue;
    if (!/^[1-9]\d*$/.test(text)) {
      throw new WrongUse(`--${name}: expected a whole number above 0, got ${text}`);
    }
    sizes.set(name, Number(text));
  }
  return { names, sizes, values: parsed.values };

  function parse() {
    return parseArgs({
      options: {
        ...sizeOptions,
        quick: { type: 'boolean', default: false },
        out: { type: 'string' },
        profile: { type: 'string' },
        markdown: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
  }
}

function markdownOf(file: string): string {
  return asMarkdown(Report.parse(JSON.parse(readFileSync(file, 'utf8'))));
}

interface Wishes {
  quick: boolean;
  out?: string | undefined;
  profile?: string | undefined;
}

async function answerAll(
  names: readonly string[],
  sizes: ReadonlyMap<string, number>,
  { quick, out, profile }: Wishes,
): Promise<void> {
  const chosen = names.map((name) => [name, questionNamed(name)] as const);
  const machine = describeMachine();
  console.log(sayMachine(machine));
  const file = resolve(out ?? `bench/results/${machine.at.replaceAll(':', '-')}.json`);
  const report: Report = { machine, questions: [] };
  for (const [name, question] of chosen) {
    console.log(`\n${name}: ${question.asks}`);
    const own = Object.entries({ ...question.sizes, ...(quick && question.quick) });
    const wished = own.map(([size, usual]) => [size, sizes.get(size) ?? usual] as const);
    const answered = await answerOne(name, question, Object.fromEntries(wished), profile);
    console.log(sayAnswer(answered));
    report.questions.push(answered);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  const minutes = report.questions.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const missed = report.questions.flatMap(({ answer }) => answer.targets).filter(({ met }) => !met);
  console.log(
    `\n${minutes.toFixed(1)} minutes; ${missed.length} targets missed; all figures: ${file}`,
  );
}

function questionNamed(name: string): Question {
  const question = questions[name];
  if (question !== undefined) return question;
  throw new WrongUse(`${name}: expected one of ${Object.keys(questions).join(', ')}`);
}

async function answerOne(
  name: string,
  question: Question,
  sizes: Readonly<Record<string, number>>,
  profile: string | undefined,
): Promise<Answered> {
  const lab = new Lab(profile === undefined ? undefined : resolve(profile));
  const stop = () => {
    console.error('stopped: ending what was started');
    void lab.close().then(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const [load = Number.NaN] = loadavg();
  const started = performance.now();
  try {
    const answer = await question.answer(lab, (size) => sizes[size] ?? Number.NaN);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    return { name, asks: question.asks, sizes: { ...sizes }, seconds, load, answer };
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await lab.close();
  }
}
