/** A campaign's counts that another program, or Redis, removed: recounted from its jobs and ledgers. */
import type { Redis } from 'ioredis';
import { decodeLaid } from '../../shared/campaign/campaign.ts';
import { HELD_SCORE } from '../../shared/campaign/canary.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { jobIds, readPiece } from '../../shared/campaign/stored-jobs.ts';
import { Recount } from '../../shared/ledger/recount.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

const REMAKE = loadScript(new URL('remake-counts.lua', import.meta.url), {
  HELD_SCORE: String(HELD_SCORE),
});

/**
 * Recipients of jobs that are gone, too, count as pending, as far as it is known how many the list had: the next look
 * finds these jobs.
 * @returns whether the counts are there again
 */
export async function remakeCounts(redis: Redis, keys: Keys, id: string): Promise<boolean> {
  const own = keys.campaign(id);
  const campaign = new CampaignHandle(redis, keys, id);
  const before = Object.entries(await redis.hgetall(own.counts)).flat();
  const { cancelled = 0, laid } = await campaign.record();
  const recount = new Recount(cancelled);
  for await (const ids of jobIds(campaign)) {
    const { jobs } = await readPiece(campaign, ids);
    for (const { entries, job } of jobs)
      recount.addJob(
        entries,
        job.messages.map(([to]) => to.length),
      );
  }
  for (const [name, count] of Object.entries(await redis.hgetall(own.retired)))
    recount.add(name, Number(count));
  const found = recount.counts['recipients'] ?? 0;
  const ofRows = decodeLaid(laid) ?? { rows: found, recipients: found };
  recount.add('pending', ofRows.recipients - found);
  const counts = { ...recount.counts, ...ofRows };
  const lists = [own.gone, own.campaign, own.counts, own.replaying, own.job('')];
  const values = [before.length / 2, ...before, ...Object.entries(counts).flat()];
  return (await REMAKE.run(redis, lists, values)) === 'made';
}
