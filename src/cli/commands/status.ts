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
  recipient_rate, sending_per_s, workers: [{id, host, in_flight, seen_at,
  trouble: {error, since, count}}], redis: {version, used_memory}}
  trouble is null unless something keeps it from fetching or moving jobs.
--json with one: {campaign, state, rows, invalid, duplicate, suppressed,
  recipients, pending, accepted, shortfall, rejected, exhausted, unconfirmed,
  expired, cancelled, opted_out, capped, lost, codes: {"5001": 12}, jobs:
  {waiting, delayed, active, completed, failed}, balanced, valve, start_at,
  eta_s, memory_bytes, forgotten_at, canary: {recipients, held, over},
  waits_for_place: {held_by}, paused: {by, since, why},
  replay_broken_off: {chapter, at, by}}
lost: another program, or Redis, removed their jobs, and nothing that is left
says what became of them. capped is 0: nobody is left out for being texted too
often.
canary is null where nothing is held back. waits_for_place names the campaigns
that have the places (VOLLEY_MAX_CAMPAIGNS); it is null where it needs none.
paused is null unless state is paused; its by is operator, or canary once that
is over. since and why may be null.
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
      const status = await producer.status();
      if (options.json) return printJson(fleetJson(status));
      return console.log(fleetLines(status, Date.now()).join('\n'));
    }
    const status = await producer.status(id);
    if (options.json) return printJson(statusJson(status));
    console.log(campaignLines(status).join('\n'));
    if (status.state === 'sending') await warnWithoutWorker(producer, id);
  });
}
