/** A campaign is sent while its workers are killed one after another: nobody is texted twice, all are accounted for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CampaignStatus, campaignStatus } from '../../src/producer/report/status.ts';
import { type Verification, verify } from '../../src/producer/report/verify.ts';
import { send } from '../../src/producer/send/send.ts';
import { type Stats, startSandbox } from '../../src/sandbox/index.ts';
import { connectWorker } from '../../src/shared/redis/connection.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { people } from '../support/people.ts';
import { WorkerFleet } from '../support/workers.ts';

export interface KillOptions {
  redisUrl: string;
  prefix: string;
  recipients: number;
  workers: number;
  kills: number;
  /** How often Redis dies in between, and what kills it and brings it back. Default: never. */
  redisKills?: number;
  killRedis?: () => Promise<void>;
  /** From 0 to 1; decides whom the next kill hits and when. */
  random: () => number;
  onKill?: (killed: number, status: CampaignStatus) => void;
}

export interface KillReport {
  status: CampaignStatus;
  verification: Verification;
  sandbox: Stats;
  kills: number;
  redisKills: number;
  /** Polls of the status, all the way, at which the counts did not add up. */
  unbalanced: number;
  polls: number;
}

export async function killWorkers(options: KillOptions): Promise<KillReport> {
  const { redisUrl, prefix, recipients, workers, kills, random } = options;
  const { redisKills = 0, killRedis } = options;
  const keys = createKeys(prefix);
  const redis = connectWorker(redisUrl);
  redis.on('error', () => {});
  // Replies take their time, so that a kill meets requests under way.
  await using sandbox = await startSandbox({ faults: { latency: [1, 20] } });
  const fleet = new WorkerFleet({
    redisUrl,
    prefix,
    baseUrl: sandbox.url,
    environment: {
      // Spread over the kills, so that each of them interrupts something.
      VOLLEY_RATE: String(Math.max(200, Math.round(recipients / (kills * 0.6)))),
      VOLLEY_LOCK_MS: '1000',
      VOLLEY_CONCURRENCY: '20',
    },
  });
  const report = { kills: 0, redisKills: 0, unbalanced: 0, polls: 0 };
  try {
    await send(redis, keys, { rows: people(recipients) }, { campaign: 'chaos', template: 'promo' });
    for (let place = 0; place < workers; place++) fleet.start(place);
    const look = async () => {
      const status = await campaignStatus(redis, keys, 'chaos');
      report.polls++;
      if (!status.balanced) report.unbalanced++;
      return status;
    };
    let status = await look();
    let settled = 0;
    while (status.state !== 'finished') {
      await sleep(20 + 80 * random());
      status = await look();
      // A kill is worth something only after the fleet has got to work again since the last one; and they are spread
      // over the campaign.
      const moved = status.recipients - status.pending;
      const isEarly = moved < (report.kills * recipients) / (1.2 * kills);
      if (report.kills >= kills || moved <= settled || isEarly) continue;
      settled = moved;
      const place = Math.floor(random() * workers);
      await fleet.end(place, 'SIGKILL');
      fleet.start(place);
      report.kills++;
      options.onKill?.(report.kills, status);
      // Spread over the kills of workers.
      if (!killRedis || report.kills * redisKills < (report.redisKills + 1) * kills) continue;
      await killRedis();
      report.redisKills++;
    }
    await fleet.endAll('SIGTERM');
    return {
      ...report,
      status: await look(),
      verification: await verify(redis, keys, 'chaos'),
      sandbox: sandbox.stats(),
    };
  } finally {
    await fleet.endAll('SIGKILL');
    redis.disconnect();
  }
}
