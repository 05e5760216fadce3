/** `volley status [ID]`: the fleet, or one campaign, at this moment. */
import { Command } from 'commander';
import { withProducer } from '../process/session.ts';
import { warnWithoutWorker } from '../process/without-worker.ts';
import { printJson } from '../terminal/output.ts';
import { campaignLines, statusJson } from '../view/campaign.ts';
import { fleetJson, fleetLines } from '../view/fleet.ts';

const HELP = `
Examples:
  volley status
  volley status black-friday
  volley status black-friday --json | jq .pending

--json without an id: {valve: [{reason, since, until, detail}], rate,
  recipient_rate, now, sending_per_s, workers: [{id, host, origin, in_flight,
  seen_at, clock_off_ms, trouble: {error, since, count}}], redis: {version,
  used_memory}, notifications_held}
  now is Redis's clock, by which all times go. clock_off_ms is by how much a
  worker's own is ahead of it; negative, behind.
  notifications_held is null, or says by what another program keeps all
  notifications from being sent; volley resume notifications undoes it.
  trouble is null unless something keeps it from fetching or moving jobs.
--json with one: {campaign, state, rows, invalid, duplicate, suppressed,
  recipients, pending, accepted, shortfall, rejected, exhausted, unconfirmed,
  expired, cancelled, opted_out, capped, lost, codes: {"5001": 12}, jobs:
  {waiting, delayed, active, completed, failed}, balanced, valve, start_at,
  eta_s, memory_bytes, forgotten_at, canary: {recipients, held, over},
  waits_for_place: {held_by}, paused: {by, since, why}, slowed,
  replay_broken_off: {chapter, at, by}, origin, account,
  waits_for_origin: {workers}}
lost: another program, or Redis, removed their jobs, and nothing that is left
says what became of them. capped is 0: nobody is left out for being texted too
often.
canary is null where nothing is held back. waits_for_place names the campaigns
that have the places (VOLLEY_MAX_CAMPAIGNS); it is null where it needs none.
origin is where its requests go, once the first has, and account a fingerprint
of the credentials; both are null before. waits_for_origin names where the
workers send, if none of them may go on with it (VOLLEY_ALLOW_ORIGIN_CHANGE).
paused is null unless state is paused; its by is operator, canary once that is
over, halt (send --halt-after), where why says what was refused and what helps,
or queue where another program, such as a dashboard, stopped its queue in
BullMQ. since and why may be null. slowed is null, or says what another program
has set there that lets only few jobs run. volley resume ID undoes either.
replay_broken_off is null, or the replay that was killed midway: the same volley
replay goes on with it.
memory_bytes is what it takes up in Redis, estimated from some of its jobs.
state is enqueuing, scheduled, sending, paused, cancelled, finished or
abandoned. Counts are of rows or recipients; times are Unix ms.`;

export function statusCommand(): Command {
  return new Command('status')
    .description('show the fleet, or one campaign')
    .argument('[id]', 'the campaign')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(id: string | undefined, options: { json?: true }): Promise<void> {
  await withProducer(async (producer) => {
    if (id === undefined) {
      const { isClockOff } = await import('../../producer/producer.ts');
      const status = await producer.status();
      if (options.json) return printJson(fleetJson(status));
      return console.log(fleetLines(status, isClockOff).join('\n'));
    }
    const status = await producer.status(id);
    if (options.json) return printJson(statusJson(status));
    console.log(campaignLines(status).join('\n'));
    if (status.state === 'sending') await warnWithoutWorker(producer, id);
  });
}
