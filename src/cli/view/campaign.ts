/** One campaign's status as a person and as a program reads it. */
import type { CampaignStatus, Lock } from '../../producer/producer.ts';
import { isHindrance } from '../../shared/hindrance.ts';
import { FINAL_STATES } from '../../shared/outcome.ts';
import { bold, green, red, yellow } from '../terminal/output.ts';
import { withinWidth } from '../terminal/within-width.ts';
import { counted, grouped, memorySize, moment, span } from './figures.ts';
import { tableLines } from './table.ts';

/** Of the campaigns that have a place. */
const MOST_NAMED = 8;

/** The documented object: what is not known is null, and no key is ever missing. */
export function statusJson(status: CampaignStatus): object {
  return { ...status, valve: status.valve.map(lockJson) };
}

export function lockJson({ reason, since, until, detail }: Lock): object {
  return { reason, since, until: until ?? null, detail };
}

export function campaignLines(status: CampaignStatus): string[] {
  return [
    withinWidth(`${bold(status.campaign)}  ${stateWords(status)}`, process.stdout.columns),
    '',
    ...haltLines(status),
    ...countLines(status),
    ...codeLines(status),
    ...lostLines(status),
    ...brokenOffLines(status),
    '',
    `  jobs   ${jobWords(status)}`,
    ...(status.paused?.since ? [`  paused since ${moment(status.paused.since)}`] : []),
    ...(status.origin === null ? [] : [`  sent to ${status.origin}, account ${status.account}`]),
    `  redis  about ${memorySize(status.memory_bytes)}`,
    `  valve  ${status.valve.length === 0 ? 'open' : ''}`.trimEnd(),
    ...status.valve.map((lock) => `    ${lockWords(lock)}`),
    ...(status.balanced ? [] : [red('  These counts do not add up: volley verify tells more.')]),
  ];
}

/** Rows into recipients, recipients into states. A state that nobody is in is left out. */
export function countLines(status: CampaignStatus): string[] {
  const states = FINAL_STATES.filter((state) => state === 'accepted' || status[state] > 0);
  const rows: [string, number][] = [
    ['  rows', status.rows],
    ['    invalid', status.invalid],
    ['    duplicate', status.duplicate],
    ['    suppressed', status.suppressed],
    ['    recipients', status.recipients],
    ['      pending', status.pending],
    ...states.map((state): [string, number] => [`      ${state}`, status[state]]),
  ];
  return tableLines(
    rows.map(([name, count]) => [name, grouped(count)]),
    ['left', 'right'],
  );
}

export function codeLines({ codes }: CampaignStatus): string[] {
  const rows = Object.entries(codes).filter(([, count]) => count > 0);
  if (rows.length === 0) return [];
  const lines = tableLines(
    rows.map(([code, count]) => [`    ${code}`, grouped(count)]),
    ['left', 'right'],
  );
  return ['', '  recipients not accepted, by their last code', ...lines];
}

/** Of one that has halted: why, and what may be done. */
function haltLines({ paused }: CampaignStatus): string[] {
  if (paused?.by !== 'halt') return [];
  return [red(withinWidth(`  ${paused.why}`, process.stdout.columns)), ''];
}

/** What there is to know, and to do. */
export function lostLines({ campaign, lost }: Pick<CampaignStatus, 'campaign' | 'lost'>): string[] {
  if (lost === 0) return [];
  return [
    '',
    red(`  ${counted(lost, 'recipient')} lost: another program, or Redis, removed their jobs.`),
    '  Nothing more is sent to them, and they cannot be replayed. As far as is',
    '  known they were not texted, but a request under way may have reached some. Who they are only',
    `  the list tells: they are among those that volley audit ${campaign} does not show.`,
    '  Find what removes jobs (a dashboard, a script, maxmemory-policy) before you send anew.',
  ];
}

function brokenOffLines({ campaign, replay_broken_off: replay }: CampaignStatus): string[] {
  if (replay === null) return [];
  return [
    '',
    yellow(`  A replay that ${replay.by} began at ${moment(replay.at)} was broken off.`),
    `  What it had taken is sent. The same volley replay ${campaign} goes on with the rest.`,
  ];
}

export function lockWords({ reason, since, until, detail }: Lock): string {
  const end = until === undefined ? 'until released' : `until ${moment(until)}`;
  return `${reason} since ${moment(since)}, ${end}: ${detail}`;
}

/** Who has the places: a few of them, by name. */
function placeWords({ held_by }: NonNullable<CampaignStatus['waits_for_place']>): string {
  const named = held_by.slice(0, MOST_NAMED).join(', ');
  const more = held_by.length - MOST_NAMED;
  const others = more > 0 ? ` and ${counted(more, 'other')}` : '';
  return `it waits for a place: VOLLEY_MAX_CAMPAIGNS lets no more be sent at once (${named}${others})`;
}

/** Why the running workers leave it alone, and what to do. */
function originWords({ origin, waits_for_origin }: CampaignStatus): string {
  const workers = waits_for_origin?.workers.join(', ') ?? '';
  return (
    `it is sent to ${origin ?? 'no origin yet'}, and the workers that run send to ${workers}; start one with that ` +
    'ENGAGELAB_BASE_URL, or one with VOLLEY_ALLOW_ORIGIN_CHANGE=1 to go on elsewhere'
  );
}

/** Why it is paused. */
export function pauseWords({ paused, canary }: CampaignStatus): string {
  if (paused?.by === 'queue' && paused.why !== null) return paused.why;
  return canary?.over ? 'its canary is over' : 'it is paused';
}

/** What keeps one that is being sent from going on, or slows it; undefined where nothing does. */
export function hindranceWords(status: CampaignStatus): string | undefined {
  const { campaign, state, waits_for_origin, waits_for_place, slowed } = status;
  if (state !== 'sending') return undefined;
  if (waits_for_origin) return originWords(status);
  if (waits_for_place) return placeWords(waits_for_place);
  if (slowed === null) return undefined;
  return `it is slow: ${slowed}${isHindrance(slowed) ? '' : `; volley resume ${campaign} undoes that`}`;
}

/** What comes behind the word `paused`. */
function afterWords(status: CampaignStatus): string {
  if (status.paused?.by === 'halt') return ' by itself';
  if (status.paused?.by === 'queue') return `: ${pauseWords(status)}`;
  return status.canary?.over ? ' after its canary' : '';
}

function stateWords(status: CampaignStatus): string {
  const { campaign, state, eta_s, pending, start_at } = status;
  const hindrance = hindranceWords(status);
  if (hindrance !== undefined) return `${yellow(state)}, but ${hindrance}`;
  switch (state) {
    case 'finished':
      return green('finished');
    case 'sending':
      return eta_s === null ? 'sending' : `sending, about ${span(eta_s)} left`;
    case 'abandoned':
      return `${yellow('abandoned')}: its send died, nothing was sent; the same command starts again, or it is cleared after a day`;
    case 'paused': {
      const waiting = `${counted(pending, 'recipient')} waiting for volley resume ${campaign}`;
      return `${yellow(state)}${afterWords(status)}, ${waiting}`;
    }
    case 'scheduled':
      return `${yellow(state)}, ${counted(pending, 'recipient')} waiting until ${moment(start_at ?? 0)}`;
    case 'enqueuing':
    case 'cancelled':
      return yellow(state);
  }
}

function jobWords({ jobs, forgotten_at }: CampaignStatus): string {
  if (forgotten_at !== null) return `forgotten at ${moment(forgotten_at)}; the counts stay`;
  const words = Object.entries(jobs).flatMap(([name, count]) =>
    count > 0 ? [`${grouped(count)} ${name}`] : [],
  );
  return words.length === 0 ? 'none' : words.join(', ');
}
