/** `volley campaigns`: every campaign that is known, the newest last. */
import { Command } from 'commander';
import type { CampaignStatus } from '../../producer/producer.ts';
import { withProducer } from '../process/session.ts';
import { bold, printJson, red, yellow } from '../terminal/output.ts';
import { hindranceWords, pauseWords, statusJson } from '../view/campaign.ts';
import { grouped, moment } from '../view/figures.ts';
import { tableLines } from '../view/table.ts';

const HELP = `
Examples:
  volley campaigns
  volley campaigns --json | jq -r '.campaigns[] | [.campaign, .state] | @tsv'

--json: {campaigns: […]}, each as volley status ID --json prints it`;

export function campaignsCommand(): Command {
  return new Command('campaigns')
    .description('list the campaigns, the newest last')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: { json?: true }): Promise<void> {
  await withProducer(async (producer) => {
    const list = await producer.campaigns();
    if (options.json) return printJson({ campaigns: list.map(statusJson) });
    if (list.length === 0) return console.log('No campaigns yet; volley send makes one.');
    const rows: string[][] = [];
    for (const status of list) {
      rows.push(rowOf(status, await producer.inside.createdAt(status.campaign)));
    }
    const header = [
      'campaign',
      'state',
      'recipients',
      'accepted',
      'not accepted',
      'pending',
      'created',
    ];
    const [first = '', ...lines] = tableLines(
      [header, ...rows],
      ['left', 'left', 'right', 'right', 'right', 'right', 'left'],
    );
    console.log(bold(first));
    for (const line of lines) console.log(line);
    for (const status of list) {
      const { campaign, paused } = status;
      const hindrance = hindranceOf(status);
      if (paused?.by === 'halt') console.log(red(`${campaign}: ${paused.why}`));
      else if (hindrance !== undefined) console.log(yellow(`${campaign}: ${hindrance}`));
    }
  });
}

/** What a person would not know of, for the state does not say it. */
function hindranceOf(status: CampaignStatus): string | undefined {
  if (status.paused?.by !== 'queue') return hindranceWords(status);
  return `${pauseWords(status)}; volley resume ${status.campaign} goes on`;
}

function rowOf(status: CampaignStatus, created: number | undefined): string[] {
  const { campaign, state, recipients, accepted, pending } = status;
  return [
    campaign,
    state,
    grouped(recipients),
    grouped(accepted),
    grouped(recipients - accepted - pending),
    grouped(pending),
    // To the minute, so that a line fits 80 columns.
    created === undefined ? '' : moment(created).slice(0, 16),
  ];
}
