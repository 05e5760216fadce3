import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { readCampaign } from '../../shared/campaign/campaign.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { jobIds, readPiece } from '../../shared/campaign/stored-jobs.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { Recount } from '../../shared/ledger/recount.ts';
import type { Logger } from '../../shared/log.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { remakeCounts } from './lost-counts.ts';
import { siftNotifications } from './lost-notifications.ts';
import {
  type Basis,
  declareLost,
  type Findings,
  type GoneJob,
  MOST_PUT_BACK,
  markGone,
  putBack,
  readQuiet,
} from './lost-scripts.ts';

/**
 * After a look that found nothing, no worker repeats it for so long: for a large campaign it takes
 * seconds.
 */
const LOOK_MS = 60_000;
/**
 * After a look that was disturbed, as by a worker that held a job, or counts that moved, the next
 * comes so soon.
 */
const AGAIN_MS = 5000;
/** After jobs were put back: a worker of another program may take them again. */
const TAKEN_MS = 10_000;
const PIECE = 500;

/**
 * Finds what another program took from a campaign: jobs that were drained, removed or evicted,
 * whose recipients would be pending for ever. Jobs that are there, but in none of BullMQ's lists,
 * are put back; what the jobs that are gone had pending becomes `lost`, said once in the log. It
 * does not touch a campaign that is paused, or has anything to run. When to look, `LostJobsWatch`
 * says.
 */
export class LostJobs {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #log: Logger;
  #isStopped = false;

  constructor(redis: Redis, keys: Keys, log: Logger) {
    this.#redis = redis;
    this.#keys = keys;
    this.#log = log;
  }

  /** Has a look that is under way end early. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Looks through all jobs of a campaign of which nothing is there to run, unless another worker
   * does.
   */
  async lookFor(id: string): Promise<void> {
    const { goneLook } = this.#keys.campaign(id);
    if ((await this.#redis.set(goneLook, '1', 'PX', LOOK_MS, 'NX')) === null) return;
    const rest = id === NOTIFICATIONS ? await this.#sift() : await this.#look(id);
    if (rest < LOOK_MS) await this.#redis.pexpire(goneLook, rest);
  }

  /** @returns after how many ms it is worth to look again */
  async #look(id: string): Promise<number> {
    const { pending, runnable } = await readQuiet(this.#redis, this.#keys.campaign(id));
    if (pending === 0 || runnable > 0) return 0;
    const own = this.#keys.campaign(id);
    const basis = await this.#basis(id);
    if (basis.counts['recipients'] === undefined) return await this.#remakeCounts(id);
    const recount = new Recount(basis.cancelled);
    const unsettled: string[] = [];
    const gone: GoneJob[] = [];
    let before = 0;
    const campaign = new CampaignHandle(this.#redis, this.#keys, id);
    for await (const ids of jobIds(campaign)) {
      if (this.#isStopped) return 0;
      const piece = await readPiece(campaign, ids);
      for (const { id: jobId, job, entries } of piece.jobs) {
        const sizes = job.messages.map(([to]) => to.length);
        recount.addJob(entries, sizes);
        if (entries.some((entry) => stateOf(entry, basis.cancelled) === 'pending'))
          unsettled.push(jobId);
      }
      for (const { id: jobId, why, found } of piece.missing) {
        // What a newer Volley wrote is there, and a newer worker counts it.
        if (why === 'newer') return LOOK_MS;
        if (found > 0 && found <= basis.found) before += 1;
        else gone.push({ id: jobId, isBad: why !== 'gone' });
      }
    }
    const left = recount.counts;
    // Counts that were wrong before cannot tell what is lost; verify tells of them.
    const stored = (name: string) => Number(basis.counts[name] ?? 0);
    if (Object.entries(left).some(([name, count]) => count > stored(name))) return LOOK_MS;
    const lost = stored('pending') - (left['pending'] ?? 0);
    // Also where no job is gone: another program may have written fewer recipients into one.
    const isFound = lost > 0;
    const findings = { lost, gone: before + gone.length, left };
    if (isFound && !(await this.#declare(id, basis, gone, findings))) return AGAIN_MS;
    const back = unsettled.length > 0 ? await putBack(this.#redis, own, unsettled) : 0;
    if (back > 0) this.#tellBack(id, back);
    if (isFound || back === MOST_PUT_BACK) return 0;
    return back > 0 ? TAKEN_MS : LOOK_MS;
  }

  async #remakeCounts(id: string): Promise<number> {
    if (!(await remakeCounts(this.#redis, this.#keys, id))) return AGAIN_MS;
    const words = 'its counts had been removed by another program, or Redis, and are made anew';
    this.#log.error({ campaign: id }, words);
    return 0;
  }

  async #basis(id: string): Promise<Basis> {
    const own = this.#keys.campaign(id);
    // Before the counts: what changes in between is noticed by them.
    const openReplay = (await this.#redis.hget(own.replays, 'open')) ?? '';
    const campaign = await readCampaign(this.#redis, this.#keys, id);
    const { cancelled = 0, chapter = 1, gone: found = 0 } = campaign ?? {};
    return { cancelled, chapter, found, openReplay, counts: await this.#redis.hgetall(own.counts) };
  }

  async #declare(
    id: string,
    basis: Basis,
    gone: readonly GoneJob[],
    findings: Findings,
  ): Promise<boolean> {
    const own = this.#keys.campaign(id);
    for (let first = 0; first < gone.length; first += PIECE) {
      if (this.#isStopped) return false;
      const piece = gone.slice(first, first + PIECE);
      if (!(await markGone(this.#redis, own, basis, piece))) return false;
    }
    const token = randomBytes(6).toString('hex');
    if (!(await declareLost(this.#redis, own, token, basis, findings))) return false;
    this.#tell({ campaign: id, jobs: gone.length, recipients: findings.lost });
    return true;
  }

  async #sift(): Promise<number> {
    const sifted = await siftNotifications(this.#redis, this.#keys, () => this.#isStopped);
    const { back, jobs, lost, unconfirmed } = sifted;
    if (jobs > 0) this.#tell({ campaign: NOTIFICATIONS, jobs, recipients: lost, unconfirmed });
    if (back > 0) this.#tellBack(NOTIFICATIONS, back);
    if (jobs > 0) return 0;
    return back > 0 ? TAKEN_MS : LOOK_MS;
  }

  #tellBack(campaign: string, jobs: number): void {
    const words = 'jobs that BullMQ had not to run any more, and that are not settled, wait again';
    this.#log.warn({ campaign, jobs }, words);
  }

  #tell(what: { campaign: string; jobs: number; recipients: number; unconfirmed?: number }): void {
    this.#log.error(what, 'LOST: jobs are gone that another program, or Redis, removed');
  }
}
