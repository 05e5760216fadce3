/**
 * Every Redis key, built here and nowhere else.
 *
 * All keys of a campaign carry its id as their hash tag, so that one script may touch them together, in a
 * cluster too. Ours end the queue's part with `~`, for what stands under `<prefix>:{id}:` BullMQ takes for jobs
 * of its own and may delete.
 */
import { NOTIFICATIONS } from '../job.ts';

export interface CampaignKeys {
  /** The name BullMQ knows the campaign's queue by. */
  queue: string;
  /** Hash: what the campaign is, and whether its gate is open. */
  campaign: string;
  /** Hash: rows and recipients by state, and recipients not accepted by code (`code:5001`). */
  counts: string;
  /** String that expires: the token of the `send` that works on the id. */
  lease: string;
  /** Hash, one a job: the attempts of its messages. */
  ledger(job: string): string;
  /** Where the origin stands that a job is bound to: its campaign's hash, or of a notification its ledger. */
  bound(job: string): string;
  /** Sorted set, of notifications only: job id → when it was enqueued, Unix ms. */
  jobs: string;
  /** Hash: what the jobs that were removed for their age, or that are gone, had counted as. */
  retired: string;
  /**
   * Hash: id of a job that is gone → which time of finding any it was, and the last chapter that was cancelled by then,
   * as `1,0`. None of them is sent from any more. It counts as `lost` once the campaign's `gone` has come to that time.
   */
  gone: string;
  /** String that expires: some worker looks for jobs that are gone. */
  goneLook: string;
  /** Hash, of notifications only: id of a job that another program laid → the numbers of each message, as `2,1`. */
  sizes: string;
  /** Hash: the campaign's replays, by chapter, as JSON; "open" → the one that has not come to its end. */
  replays: string;
  /** Hash: job id → what a replay still has to put into its queue: `retry <chapter>`, or the data of a new job. */
  replaying: string;
  /** String that expires: a replay of the campaign is alive. */
  replayLease: string;
  /** String that expires, of a `send` by its token: the sketch of its people. */
  sketch(token: string): string;
  /** String that expires: the job that a notification's dedupe key, given as its hash, stands for. */
  dedupe(hash: string): string;
  /** Hash: the campaign's next free slots, where it has limits of its own. It has no valve and no breaker. */
  pacer: string;
  noValve: string;
  noBreaker: string;
  /** BullMQ's own: the hash of a job, and the token of the worker that holds it. */
  job(job: string): string;
  lock(job: string): string;
}

export interface FleetKeys {
  /** String: the number of the layout of all these keys (`layout.ts`). */
  layout: string;
  /** Sorted set: every campaign id, by the time (Unix ms) it was first seen. */
  campaigns: string;
  /** Hash: ids that workers look after → generation, which a replay raises. */
  serving: string;
  /** Sorted set: campaigns that are finished and not forgotten, by the time (Unix ms) workers let go of them. */
  finished: string;
  /** Hash: limits a second, and who set them. */
  limits: string;
  /** Hash: the pacer's next free slots, in microseconds of Redis's clock, and who is let go first. */
  pacer: string;
  /** Hash: lock of the valve → JSON of since, until and detail. */
  valve: string;
  /** Hash: failures in a row over the fleet, how often the breaker has changed, how long it opens next. */
  breaker: string;
  /** Hash: worker id → its last heartbeat, as JSON. */
  workers: string;
  /** String that expires: some worker has looked for what is too old. */
  sweep: string;
  /** The same, for campaigns. */
  sweepCampaigns: string;
  /** The same, for campaigns that workers should look after and do not. */
  sweepUnserved: string;
  /** The same, for campaigns whose `send` died. */
  sweepAbandoned: string;
  /** Sorted set that expires: each `send` with a template, given as its hash, in their order: token and id, as `3f…e1 spring`. */
  sentWith(hash: string): string;
  /** String that expires: written by whoever tries what Redis lets it do, under a token of its own. */
  probe(token: string): string;
}

/** The opt-out list. Its keys share one hash tag: one script looks many numbers up. */
export interface SuppressionKeys {
  /** String: how many numbers are on it. */
  count: string;
  /** What the keys of its buckets begin with; the bucket's number follows. Each is a set of numbers without `+`. */
  bucket: string;
}

export interface Keys {
  prefix: string;
  /** What every key begins with, BullMQ's and ours, each with a key that is never there. */
  areas: readonly { begin: string; absent: string }[];
  fleet: FleetKeys;
  suppression: SuppressionKeys;
  campaign(id: string): CampaignKeys;
}

export function createKeys(prefix: string): Keys {
  const fleet = `${prefix}~{fleet}:`;
  const suppressed = `${prefix}~{suppressed}:`;
  return {
    prefix,
    areas: [`${prefix}:`, `${prefix}~`].map((begin) => ({
      begin,
      absent: `${begin}{fleet}:absent`,
    })),
    fleet: {
      layout: `${fleet}layout`,
      campaigns: `${fleet}campaigns`,
      serving: `${fleet}serving`,
      finished: `${fleet}finished`,
      limits: `${fleet}limits`,
      pacer: `${fleet}pacer`,
      valve: `${fleet}valve`,
      breaker: `${fleet}breaker`,
      workers: `${fleet}workers`,
      sweep: `${fleet}sweep`,
      sweepCampaigns: `${fleet}sweep-campaigns`,
      sweepUnserved: `${fleet}sweep-unserved`,
      sweepAbandoned: `${fleet}sweep-abandoned`,
      sentWith: (hash) => `${fleet}sent-with:${hash}`,
      probe: (token) => `${fleet}probe:${token}`,
    },
    suppression: { count: `${suppressed}count`, bucket: suppressed },
    campaign(id) {
      const own = `${prefix}:{${id}}`;
      return {
        queue: `{${id}}`,
        campaign: `${own}~campaign`,
        counts: `${own}~counts`,
        lease: `${own}~lease`,
        ledger: (job) => `${own}~ledger:${job}`,
        bound: (job) => (id === NOTIFICATIONS ? `${own}~ledger:${job}` : `${own}~campaign`),
        pacer: `${own}~pacer`,
        noValve: `${own}~no-valve`,
        noBreaker: `${own}~no-breaker`,
        jobs: `${own}~jobs`,
        retired: `${own}~retired`,
        gone: `${own}~gone`,
        goneLook: `${own}~gone-look`,
        sizes: `${own}~sizes`,
        replays: `${own}~replays`,
        replaying: `${own}~replaying`,
        replayLease: `${own}~replay-lease`,
        sketch: (token) => `${own}~sketch:${token}`,
        dedupe: (hash) => `${own}~dedupe:${hash}`,
        job: (job) => `${own}:${job}`,
        lock: (job) => `${own}:${job}:lock`,
      };
    },
  };
}
