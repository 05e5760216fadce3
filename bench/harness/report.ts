/** What was measured, as one object for a file, and as text for a screen and for `docs/performance.md`. */
import * as z from 'zod';
import { sayFigure, sayNumber } from './figures.ts';
import { fleetOnPaper } from './fleet.ts';
import { Machine, sayMachine } from './machine.ts';
import { Answer, type Target } from './question.ts';

export const Report = z.object({
  machine: Machine,
  questions: z.array(
    z.object({
      name: z.string(),
      asks: z.string(),
      sizes: z.record(z.string(), z.number()),
      /** How long it took to answer. */
      seconds: z.number(),
      /** Of the machine when it began; beyond the question before, what else the machine was busy with. */
      load: z.number(),
      answer: Answer,
    }),
  ),
});
export type Report = z.infer<typeof Report>;
export type Answered = Report['questions'][number];

export function sayAnswer({ answer, seconds, load }: Answered): string {
  const { rows, targets, notes, skipped } = answer;
  if (skipped !== undefined) return `  skipped: ${skipped}`;
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.flatMap(({ name, figures }) =>
    Object.entries(figures).map(([what, figure], at) => {
      const head = (at === 0 ? name : '').padEnd(width);
      return `  ${head}  ${what}: ${sayFigure(figure)}`;
    }),
  );
  const judged = targets.map(
    (target) => `  ${target.met ? 'met   ' : 'MISSED'}  ${sayTarget(target)}`,
  );
  const said = notes.map((note) => `  ${note}`);
  return [
    ...lines,
    ...judged,
    ...said,
    `  took ${Math.round(seconds)} s; load ${sayNumber(load)} when it began`,
  ].join('\n');
}

function sayTarget({ of, figure, bound, target }: Target): string {
  return `${of}: ${sayFigure(figure)}, to be ${bound} ${sayNumber(target)}`;
}

/** The tables of `docs/performance.md`. */
export function asMarkdown(report: Report): string {
  const { machine, questions } = report;
  const targets = questions.flatMap(({ name, answer }) =>
    answer.targets.map(
      ({ of, figure, bound, target, met }) =>
        `| \`${name}\` | ${of} | ${bound} ${sayNumber(target)} | ${sayFigure(figure)} | ${met ? 'yes' : '**no**'} |`,
    ),
  );
  const tables = questions.map((each) => {
    const { name, asks, answer } = each;
    const rows = answer.rows.flatMap((row) =>
      Object.entries(row.figures).map(
        ([what, figure]) => `| ${row.name} | ${what} | ${sayFigure(figure)} |`,
      ),
    );
    const body =
      answer.skipped === undefined
        ? ['| | | |', '|---|---|---|', ...rows, '', ...answer.notes.map((note) => `- ${note}`)]
        : [`Skipped: ${answer.skipped}`];
    return [`### \`${name}\`: ${asks}`, '', ...body, ''].join('\n');
  });
  const fleet = fleetOnPaper(report);
  return [
    ...sayMachine(machine)
      .split('\n')
      .map((line) => `${line}  `),
    '',
    '| question | figure | target | measured | met |',
    '|---|---|---|---|---|',
    ...targets,
    '',
    ...tables,
    ...(fleet.length > 0 ? ['### On paper: 100 million messages an hour', '', ...fleet] : []),
  ].join('\n');
}
