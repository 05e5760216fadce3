/** The fleet's status as a person and as a program reads it. */
import type { FleetStatus, Heartbeat, WorkerStatus } from '../../producer/producer.ts';
import { green, yellow } from '../terminal/output.ts';
import { lockJson, lockWords } from './campaign.ts';
import { counted, grouped, megabytes, span } from './figures.ts';

/** The documented object: what is not known is null, and no key is ever missing. */
export function fleetJson(status: FleetStatus): object {
  return { ...status, valve: status.valve.map(lockJson) };
}

/** @param isClockOff whether a worker's clock is so far off that it is told */
export function fleetLines(
  status: FleetStatus,
  isClockOff: (worker: WorkerStatus) => boolean,
): string[] {
  const { now, valve, rate, recipient_rate, sending_per_s, workers, redis } = status;
  const { notifications_held: held } = status;
  const recipients = recipient_rate === null ? '' : `, ${grouped(recipient_rate)} recipients/s`;
  const isOneOrigin = new Set(workers.map(({ origin }) => origin)).size <= 1;
  const remarks = (worker: WorkerStatus) => [
    ...(isOneOrigin || worker.origin === null ? [] : [`sends to ${worker.origin}`]),
    ...(isClockOff(worker) ? [clockOffWords(worker.clock_off_ms ?? 0)] : []),
    ...(worker.trouble === null ? [] : [troubleWords(worker.trouble, now)]),
  ];
  return [
    `workers  ${workers.length === 0 ? yellow('none; volley worker starts one') : workers.length}`,
    ...workers.flatMap((worker) => [
      `           ${worker.id} on ${worker.host}, ${counted(worker.in_flight, 'request')} under way, seen ${ago(now - worker.seen_at)}`,
      ...remarks(worker).map((each) => `             ${yellow(each)}`),
    ]),
    `rate     at most ${grouped(rate)} requests/s${recipients}; now ${grouped(sending_per_s)}/s`,
    `valve    ${valve.length === 0 ? green('open') : yellow('locked')}`,
    ...valve.map((lock) => `           ${lockWords(lock)}`),
    ...(held === null ? [] : [`notifications  ${yellow(heldWords(held))}`]),
    `redis    ${redis.version}, ${megabytes(redis.used_memory)} used`,
  ];
}

function heldWords(held: string): string {
  return `none leaves: ${held}; volley resume notifications goes on`;
}

/** `its clock is 24 h ahead of Redis's` */
export function clockOffWords(offMs: number): string {
  const long = span(Math.abs(offMs) / 1000);
  return `its clock is ${long} ${offMs > 0 ? 'ahead of' : 'behind'} Redis's`;
}

/** @param now Unix ms, by Redis's clock */
export function troubleWords(
  { error, since, count }: NonNullable<Heartbeat['trouble']>,
  now: number,
): string {
  const long = span((now - since) / 1000);
  return `cannot fetch or move jobs: ${error} (${counted(count, 'time')} in ${long})`;
}

function ago(ms: number): string {
  return ms < 1000 ? 'just now' : `${span(ms / 1000)} ago`;
}
