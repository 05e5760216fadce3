/** A replay's plan and result as a person reads them. */

import type { ReplayLabel, ReplayResult } from '../../producer/producer.ts';
import type { FinalState } from '../../shared/outcome.ts';
import { bold, green, yellow } from '../terminal/output.ts';
import { counted, goneWords, grouped } from './figures.ts';
import { tableLines } from './table.ts';

const LABELS: Readonly<Record<ReplayLabel, string>> = {
  safe: 'safe',
  may_double: 'may double',
  pointless: 'pointless',
};

type Plan = Pick<ReplayResult, 'campaign' | 'groups' | 'planned' | 'gone'>;

export function planLines(
  { campaign, groups, planned, gone }: Plan,
  states: readonly FinalState[] | undefined,
): string[] {
  const left = gone > 0 ? [yellow(`  ${goneWords(gone)}: nobody in them can be replayed`), ''] : [];
  if (groups.length === 0) return [`${bold(campaign)}  ${green('nothing to replay')}`, ...left];
  const header = [
    '  label',
    'state',
    'code',
    'messages',
    'recipients',
    'chosen',
    'such as',
    'said',
  ];
  const rows = groups.map((group) => [
    `  ${LABELS[group.label]}`,
    group.state,
    group.code ?? '',
    grouped(group.messages),
    grouped(group.recipients),
    grouped(group.chosen),
    group.examples[0] ?? '',
    group.detail ?? '',
  ]);
  const { messages, recipients } = planned;
  return [
    `${bold(campaign)}  ${counted(messages, 'message')} to ${counted(recipients, 'recipient')} chosen`,
    '',
    ...tableLines(
      [header, ...rows],
      ['left', 'left', 'left', 'right', 'right', 'right', 'left', 'left'],
    ).map(fitting),
    '',
    ...hints({ groups }, states),
    ...left,
  ];
}

/** What would choose the groups that were not. */
function hints(
  { groups }: Pick<Plan, 'groups'>,
  states: readonly FinalState[] | undefined,
): string[] {
  const left = groups.filter(({ chosen }) => chosen === 0);
  const lines: string[] = [];
  const onPurpose = ['expired', 'cancelled', 'opted_out'];
  if (left.some(({ label, state }) => label === 'may_double' && !onPurpose.includes(state)))
    lines.push('  may double: some may have been texted; --state by name, or --may-double');
  if (left.some(({ label }) => label === 'pointless'))
    lines.push(
      '  pointless: refused again as it is; --template, --param or --split changes it, --code insists',
    );
  const stopped = new Set(
    left.map(({ state }) => state).filter((state) => onPurpose.includes(state)),
  );
  if (stopped.size > 0 && !states)
    lines.push(`  ${[...stopped].join(', ')}: only with --state ${[...stopped].join(',')}`);
  return lines.length > 0 ? [...lines, ''] : [];
}

export function resultLines({
  campaign,
  groups,
  replayed,
  chapter,
  busy,
  changed,
}: ReplayResult): string[] {
  if (replayed === null) return [];
  const { messages, recipients } = replayed;
  const lines: string[] = [];
  if (chapter === null) {
    // Where there are no groups the plan has said that there is nothing.
    if (groups.length > 0) lines.push('nothing was chosen, so nothing was replayed');
  } else
    lines.push(
      `${green('replayed')} ${counted(messages, 'message')} to ${counted(recipients, 'recipient')}, ` +
        `chapter ${chapter}; volley status ${campaign} shows how far they are`,
    );
  if (busy > 0)
    lines.push(
      yellow(
        `${counted(busy, 'message')} left: a worker is at their job; replay again when it has ended`,
      ),
    );
  if (changed > 0)
    lines.push(`${counted(changed, 'message')} left: changed since they were chosen`);
  return lines;
}

/** What EngageLab said may be long. On a terminal its end is left out, so that the table stays one. */
function fitting(line: string): string {
  const { isTTY, columns } = process.stdout;
  return isTTY && line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
}
