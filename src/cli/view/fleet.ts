/** The fleet's status as a person and as a program reads it. */
import type { FleetStatus, Heartbeat } from '../../producer/producer.ts';
import { green, yellow } from '../terminal/output.ts';
import { lockJson, lockWords } from './campaign.ts';
import { counted, grouped, megabytes, span } from './figures.ts';

/** The documented object: what is not known is null, and no key is ever missing. */
export function fleetJson(status: FleetStatus): object {
  return { ...status, valve: status.valve.map(lockJson) };
}

/** @param now Unix ms */
export function fleetLines(status: FleetStatus, now: number): string[] {
  const { valve, rate, recipient_rate, sending_per_s, workers, redis } = status;
  const recipients = recipient_rate === null ? '' : `, ${grouped(recipient_rate)} recipients/s`;
  const isOneOrigin = new Set(workers.map(({ origin }) => origin)).size <= 1;
  return [
    `workers  ${workers.length === 0 ? yellow('none; volley worker starts one') : workers.length}`,
    ...workers.flatMap(({ id, host, origin, in_flight, seen_at, trouble }) => [
      `           ${id} on ${host}, ${counted(in_flight, 'request')} under way, seen ${ago(now - seen_at)}`,
      ...(isOneOrigin || origin === null ? [] : [`             ${yellow(`sends to ${origin}`)}`]),
      ...(trouble === null ? [] : [`             ${yellow(troubleWords(trouble, now))}`]),
    ]),
    `rate     at most ${grouped(rate)} requests/s${recipients}; now ${grouped(sending_per_s)}/s`,
    `valve    ${valve.length === 0 ? green('open') : yellow('locked')}`,
    ...valve.map((lock) => `           ${lockWords(lock)}`),
    `redis    ${redis.version}, ${megabytes(redis.used_memory)} used`,
  ];
}

/** @param now Unix ms */
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
