/** EngageLab is away, or not well, in the middle of a campaign: all of it is accepted in the end, and none exhausted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CampaignStatus, campaignStatus } from '../../src/producer/report/status.ts';
import { send } from '../../src/producer/send/send.ts';
import { type Stats, startSandbox } from '../../src/sandbox/index.ts';
import { connectProducer } from '../../src/shared/redis/connection.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { people } from '../support/people.ts';
import { WorkerFleet } from '../support/workers.ts';

/** `down` refuses connections, `limping` answers every second request 500; the others answer so to all. */
export const TROUBLES = ['down', '500', '1000', 'limping'] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface TroubleOptions {
  redisUrl: string;
  prefix: string;
  messages: number;
  workers: number;
  /** Requests a second. */
  rate: number;
  trouble: Trouble;
  /** How long it lasts. `limping` lasts to the end. */
  ms: number;
  /** Further variables of the workers. */
  environment?: Record<string, string>;
}

/** What has not ended so long after the trouble has hung. */
const LONGEST_MS = 300_000;

export interface TroubleReport {
  status: CampaignStatus;
  sandbox: Stats;
}

export async function endureTrouble(options: TroubleOptions): Promise<TroubleReport> {
  const { redisUrl, prefix, messages, workers, rate, trouble, ms } = options;
  const keys = createKeys(prefix);
  const redis = await connectProducer(redisUrl);
  await using sandbox = await startSandbox();
  const fleet = new WorkerFleet({
    redisUrl,
    prefix,
    baseUrl: sandbox.url,
    environment: { VOLLEY_RATE: String(rate), VOLLEY_ATTEMPTS: '3', ...options.environment },
  });
  const look = () => campaignStatus(redis, keys, 'trouble');
  const deadline = AbortSignal.timeout(ms + LONGEST_MS);
  const lookUntil = async (isSeen: (status: CampaignStatus) => boolean) => {
    let status = await look();
    while (!isSeen(status)) {
      await sleep(50, undefined, { signal: deadline });
      status = await look();
    }
    return status;
  };
  try {
    const rows = people(messages);
    // What is under way when connections break stays unconfirmed otherwise, for a person to decide about.
    const sending = { campaign: 'trouble', template: 'promo', onUnconfirmed: 'resend' } as const;
    await send(redis, keys, { rows }, sending);
    if (trouble === 'limping') sandbox.setFaults({ rates: { '500': 0.5 } });
    for (let place = 0; place < workers; place++) fleet.start(place);
    if (trouble !== 'limping') {
      await lookUntil(({ accepted }) => accepted > messages / 3);
      if (trouble === 'down') await sandbox.down();
      else sandbox.setFaults({ rates: { [trouble]: 1 } });
      await sleep(ms);
      if (trouble === 'down') await sandbox.up();
      else sandbox.setFaults({ rates: {} });
    }
    const status = await lookUntil(({ state }) => state === 'finished');
    await fleet.endAll('SIGTERM');
    return { status, sandbox: sandbox.stats() };
  } finally {
    await fleet.endAll('SIGKILL');
    redis.disconnect();
  }
}
