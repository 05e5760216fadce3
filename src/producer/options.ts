/** What a producer is made with, and what a dry run takes and gives. */
import type { Limits } from '../shared/fleet/limits.ts';
import type { DryRun } from './send/dry-run.ts';
import type { SendOptions } from './send/send.ts';

/** Where Redis is, and what is Volley's in it. */
export interface ProducerOptions {
  /**
   * URL of Redis, `redis://` or `rediss://`, with its password where it has one. Default:
   * `redis://127.0.0.1:6379`.
   */
  redis?: string | undefined;
  /**
   * Before every Redis key: 1 to 64 of letters, digits, `_`, `.`, `-`. Workers serve what has their
   * own prefix. Default: `volley`.
   */
  prefix?: string | undefined;
}

/** What `send` takes, and what a dry run does without Redis. */
export interface DryRunOptions extends SendOptions {
  /** Told why Redis is away. The list is then read without it. Without this the dry run rejects. */
  onAway?: ((why: unknown) => void) | undefined;
}

/** What a campaign would be, what `send` would be refused for, and the limits it would meet. */
export interface DryRunResult extends DryRun {
  /** The fleet's; undefined where Redis was away. */
  readonly limits: Limits | undefined;
}
