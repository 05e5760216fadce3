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
  /** What the user may not do, and the line that gives it all; undefined where it may do all. */
  | { readonly check: 'rights'; readonly lack: { what: string; mend: string } | undefined }
  | { readonly check: 'writable'; readonly prefix: string; readonly error: string | undefined }
  | { readonly check: 'clock of redis' | 'clock of EngageLab'; readonly apartMs: number }
  | {
      readonly check: 'workers';
      readonly running: number;
      /** One that cannot fetch or move its jobs. */
      readonly troubled: Heartbeat | undefined;
      readonly now: number;
    }
  /** Where the workers send, and where this machine's settings would. */
  | { readonly check: 'origin'; readonly own: string; readonly workers: readonly string[] }
  /** Those whose machine's clock is far from Redis's. */
  | { readonly check: 'clock of workers'; readonly off: readonly Heartbeat[] }
  | { readonly check: 'valve'; readonly locks: readonly Lock[] }
  /** Without an HTTP status: they are not set. The base URL here is fit to be shown. */
  | {
      readonly check: 'credentials';
      readonly baseUrl: string;
      readonly httpStatus: number | undefined;
    }
  | {
      /** Of the far end, or of the proxy on the way to it. */
      readonly check: 'name';
      readonly name: string;
      readonly addresses: readonly string[];
      /** Undefined where it was found. */
      readonly error: string | undefined;
    }
  | {
      readonly check: 'proxy';
      /** None is set; there is one, and NO_PROXY says that it is not for this; it is there; it lets nobody through. */
      readonly found: 'none' | 'excepted' | 'used' | 'refused';
      readonly host: string;
      readonly proxy: string | undefined;
      /** The variable that names it. */
      readonly variable: string | undefined;
      readonly error: string | undefined;
    }
  | {
      /** The connection, and that it answers. */
      readonly check: 'engagelab';
      readonly baseUrl: string;
      /** Of whoever is at the near end of the connection, the proxy's where there is one. */
      readonly address: string | undefined;
      readonly error: string | undefined;
    }
  | {
      readonly check: 'tls';
      readonly protocol: string | undefined;
      readonly certificate: Certificate | undefined;
      /** How long it is good for yet. */
      readonly leftMs: number | undefined;
      readonly error: string | undefined;
      /** OpenSSL's, or Node's, of the error. */
      readonly code: string | undefined;
    };

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Unix ms. */
  readonly validUntil: number;
}

export type Finding = Found & { readonly status: Health };
