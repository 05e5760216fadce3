/** What is asked of a replay, and what it came to. */
import type { ReplayChoice } from './choice.ts';
import type { ReplayGroup, ReplayPlan } from './plan.ts';

/** Which messages are replayed, with what, and how. */
export interface ReplayOptions extends ReplayChoice {
  /** Only the plan. Default: false. */
  dryRun?: boolean | undefined;
  /** Asked with the plan, before anything is changed. */
  confirm?: ((plan: ReplayPlan) => boolean | Promise<boolean>) | undefined;
  /** Who asks for it; stands in the audit. Default: the user of this process, and its host. */
  by?: string | undefined;
  /** Stops between two pieces; the same replay once more goes on from there. */
  signal?: AbortSignal | undefined;
  /** How many messages have been taken so far. */
  onProgress?: ((messages: number) => void) | undefined;
}

/** Counts are of messages and of recipients. */
export interface ReplayResult {
  campaign: string;
  groups: ReplayGroup[];
  /** What was to be replayed. */
  planned: { messages: number; recipients: number };
  /**
   * What has been, and is pending again; null where nothing was done: a dry run, or the answer was
   * no.
   */
  replayed: { messages: number; recipients: number } | null;
  /** Its chapter in the ledgers; null where nothing was replayed. */
  chapter: number | null;
  /**
   * Messages that were left, because a worker is at their job: the same replay again takes them
   * once it has ended.
   */
  busy: number;
  /** Messages that were left, because they changed after they had been chosen. */
  changed: number;
  /** Jobs that another program removed, or made unreadable: nobody in them can be replayed. */
  gone: number;
}
