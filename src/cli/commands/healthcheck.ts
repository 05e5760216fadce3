/**
 * `volley healthcheck`: whether a worker on this host is alive, for a container's health check or a liveness probe.
 * It looks for the worker's own heartbeat, which comes from the loop that serves campaigns: a process that is there
 * but hangs, has lost Redis, or may not fetch its jobs, is not healthy. It mends nothing and restarts nothing.
 */
import { Command } from 'commander';
import type { Heartbeat } from '../../producer/producer.ts';
import { withProducer } from '../process/session.ts';

/** A probe must get its answer also where Redis takes connections and then says nothing. */
const ANSWER_MS = 2500;

const HELP = `
Examples:
  volley healthcheck
  docker exec my-worker volley healthcheck

Exits 0 if a worker on this host (in a container: in this container) wrote its
heartbeat in the last 10 s, and can fetch its jobs. Else, and where Redis is
away, it exits 1 within 3 s and says why. It reads REDIS_URL and VOLLEY_PREFIX,
as the worker does.`;

export function healthcheckCommand(): Command {
  return new Command('healthcheck')
    .description('tell whether a worker on this host is alive')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(): Promise<void> {
  const { hostname } = await import('node:os');
  const { setTimeout: wait } = await import('node:timers/promises');
  const { VolleyError } = await import('../../shared/errors.ts');
  const { troubleWords } = await import('../view/fleet.ts');
  // What asks Redis is loaded before the clock starts: on a busy machine that takes a while.
  const { FRESH_MS } = await import('../../producer/producer.ts');
  const host = hostname();
  const seen = await Promise.race([
    withProducer(async ({ inside }) => ({
      now: await inside.fleet.now(),
      workers: await inside.fleet.workers(),
    })),
    wait(ANSWER_MS),
  ]);
  if (seen === undefined) {
    throw new VolleyError('unavailable', `Redis did not answer within ${ANSWER_MS} ms`);
  }
  const { now, workers } = seen;
  const own = workers.filter((worker) => worker.host === host);
  if (own.length === 0) {
    throw new VolleyError(
      'unavailable',
      `expected a worker on ${host} with a heartbeat of the last ${FRESH_MS / 1000} s, found none`,
    );
  }
  for (const worker of own) console.log(workerLine(worker, now));
  for (const { id, trouble } of own) {
    if (!trouble) continue;
    const words = troubleWords(trouble, now);
    throw new VolleyError('unavailable', `worker ${id}: it ${words}; volley doctor tells more`);
  }
}

function workerLine({ id, in_flight: inFlight, seen_at: seenAt }: Heartbeat, now: number): string {
  const ms = Math.max(0, now - seenAt);
  return `worker ${id}: heartbeat ${ms} ms ago, ${inFlight} in flight`;
}
