/** The matrix as a table in Markdown: a row a point, a column a victim. */
import { type Cell, COLUMNS, ROWS } from './cells.ts';
import type { Report } from './scenario.ts';

export interface CellReport {
  cell: Cell;
  report: Report;
}

/** `0/0/1`: lost, doubled, unconfirmed, and in brackets those known not to have been sent and given up. */
export function cellText({ lost, doubled, unconfirmed, unsent, problems }: Report): string {
  const counts = `${lost}/${doubled}/${unconfirmed}${unsent > 0 ? ` (${unsent})` : ''}`;
  return problems.length > 0 ? `**${counts}**` : counts;
}

export function matrixTable(reports: readonly CellReport[], policy: string): string {
  const mine = reports.filter(({ cell }) => cell.policy === policy);
  const columns = COLUMNS.filter((victim) => mine.some(({ cell }) => cell.victim === victim));
  const rows = ROWS.filter((point) => mine.some(({ cell }) => cell.point === point));
  const lines = rows.map((point) => {
    const texts = columns.map((victim) => {
      const at = mine.find(({ cell }) => cell.point === point && cell.victim === victim);
      return at ? cellText(at.report) : '–';
    });
    return `| ${point} | ${texts.join(' | ')} |`;
  });
  const head = `| \`${policy}\` | ${columns.join(' | ')} |`;
  return [head, `|${'---|'.repeat(columns.length + 1)}`, ...lines].join('\n');
}

/** What is wrong with a cell: a promise broken, more unconfirmed than its failure explains, or no failure at all. */
export function faultsOf({ cell, report }: CellReport): string[] {
  const most = cell.most + report.cutShort;
  const faults = [...report.problems];
  if (report.struck < cell.strikes.length) faults.push('nothing failed: the point was not passed');
  if (cell.policy === 'park' && report.unconfirmed > most) {
    faults.push(`${report.unconfirmed} unconfirmed, expected at most ${most}`);
  }
  if (cell.deeds !== undefined && report.unsent > (cell.mostUnsent ?? 0)) {
    faults.push(`${report.unsent} neither sent nor replayed`);
  }
  return faults.map((fault) => `${cell.point}, ${cell.victim}, ${cell.policy}: ${fault}`);
}
