/** What an examination finds, as data: whoever shows it has the words, and says how to mend it. */
import type { Heartbeat } from '../../shared/fleet/heartbeat.ts';
import type { Lock } from '../../shared/fleet/valve.ts';

/** A warning is something that may be so on purpose, or is not known. */
export type Health = 'ok' | 'warning' | 'failed';

/** Numbers are bytes or milliseconds, `error` is what somebody else said. */
export type Found =
  | { readonly check: 'redis'; readonly found: 'there'; readonly at: string }
  | {
      readonly check: 'redis';
      /**
       * It refuses us; cannot be reached; does not allow what an examination asks; a newer Volley
       * has written there.
       */
      readonly found: 'refused' | 'away' | 'forbidden' | 'newer';
      readonly error: string;
    }
  | { readonly check: 'version'; readonly version: string; readonly oldest: string }
  | {
      readonly check: 'memory';
      readonly policy: string;
      readonly used: number;
      /** 0 where Redis has none of its own. */
      readonly limit: number;
    }
  | {
      readonly check: 'persistence';
      readonly isKept: boolean;
      /** Undefined where Redis does not tell. */
      readonly fsync: string | undefined;
    }
  | { readonly check: 'writable'; readonly prefix: string; readonly error: string | undefined }
  | { readonly check: 'clock of redis' | 'clock of EngageLab'; readonly apartMs: number }
  | {
      readonly check: 'workers';
      readonly running: number;
      /** One that cannot fetch or move its jobs. */
      readonly troubled: Heartbeat | undefined;
      readonly now: number;
    }
  | { readonly check: 'valve'; readonly locks: readonly Lock[] }
  /** Without an HTTP status: they are not set. The base URL here is fit to be shown. */
  | {
      readonly check: 'credentials';
      readonly baseUrl: string;
      readonly httpStatus: number | undefined;
    }
  | { readonly check: 'engagelab'; readonly baseUrl: string; readonly error: string };

export type Finding = Found & { readonly status: Health };
