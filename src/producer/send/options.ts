/** What is asked for when a campaign is sent: shapes, defaults, and the check of its limits. */
import { VolleyError } from '../../shared/errors.ts';
import type { OnUnconfirmed } from '../../shared/job.ts';
import type { ListOptions, ListSource, ListTotals, ReadPacksOptions } from '../list/options.ts';
import type { Excluded } from '../number-list/excluded.ts';
import type { Preview } from './preview.ts';

/** What a list is sent with, and when. */
export interface SendOptions extends ListOptions {
  /**
   * The id: 1 to 64 of `a-z`, `0-9`, `.`, `_`, `-`. It must be given for a list that is no file.
   * Default: made from the file's name, the list, the template and the params.
   */
  campaign?: string | undefined;
  /** EngageLab's id of the template. */
  template: string;
  /** Shown in EngageLab's console. Default: the campaign id. */
  planName?: string | undefined;
  /** Handed back in EngageLab's callbacks. Whatever JSON can hold. Default: none. */
  customArgs?: Record<string, unknown> | undefined;
  /**
   * Unix ms at which EngageLab is to deliver; more than 3 minutes and at most 30 days ahead.
   * Default: at once.
   */
  at?: number | undefined;
  /** Unix ms at which Volley starts to send. Default: at once. */
  startAt?: number | undefined;
  /** Unix ms after which what is unsent expires. Default: never. */
  notAfter?: number | undefined;
  /** Requests a second of this campaign, under the fleet's limit. Default: only the fleet's. */
  rate?: number | undefined;
  /** Recipients a second of this campaign, under the fleet's limit. Default: only the fleet's. */
  recipientRate?: number | undefined;
  /**
   * What is done with a message that may have been sent. Default: `park`, nobody is texted twice.
   */
  onUnconfirmed?: OnUnconfirmed | undefined;
  /**
   * Messages in a row, refused under one code and none accepted between, that pause the campaign until `resume`, from 1
   * on; or `never`. Those under way by then are still written down. Default: 20.
   */
  haltAfter?: number | 'never' | undefined;
  /** Share of invalid rows, 0 to 1, above which nothing is released. Default: 0.1. */
  maxInvalid?: number | undefined;
  /**
   * A list whose numbers are left out, counted as suppressed: every number of every row, whatever else the row holds.
   * Its `country` is that of the list, and its `phoneColumn`, where it has such a column.
   */
  exclude?: ListSource | undefined;
  /**
   * The text of the template: a variable in it that is no param is an error. Default: nobody looks.
   */
  templateText?: string | undefined;
  /**
   * Sends also to people whom other campaigns texted the same message within 24 hours. Default: false.
   */
  again?: boolean | undefined;
  /** Told what was found in the list of `exclude`, before the list itself is read. */
  onExcluded?: ((excluded: Excluded) => void) | undefined;
  /**
   * Asked right before the release, with all that is known by then; false takes everything back.
   */
  confirm?: ((preview: Preview) => boolean | Promise<boolean>) | undefined;
  /** Stops before the release: what was laid is cleared. */
  signal?: AbortSignal | undefined;
  /**
   * Told once if another `send` holds the id: one that is alive makes this one fail, one that died
   * is waited for.
   */
  onWait?: (() => void) | undefined;
  /** Live totals, told after each piece. */
  onProgress?: ((totals: Readonly<ListTotals>) => void) | undefined;
}

/**
 * The same, and what no program is offered: another judge of who must not be texted, beside the
 * opt-out list.
 */
export interface InnerSendOptions extends SendOptions, Pick<ReadPacksOptions, 'findSuppressed'> {}

/** Requests a second that no machine reaches. */
const MOST_REQUESTS = 1_000_000;

/** @throws VolleyError `bad_input` for a limit that is not above 0 */
export function checkRates({ rate, recipientRate }: SendOptions): void {
  for (const [name, value] of Object.entries({ rate, 'recipient rate': recipientRate })) {
    if (value === undefined || (value > 0 && Number.isFinite(value))) continue;
    throw new VolleyError('bad_input', `${name}: expected a number above 0, got ${value}`);
  }
}

/**
 * The campaign's own limits, as its record has them. With a limit on recipients alone, its requests
 * are as good as unlimited.
 */
export function limitsOf({ rate, recipientRate }: SendOptions): Record<string, number> {
  if (recipientRate === undefined) return rate === undefined ? {} : { rate };
  return { rate: rate ?? MOST_REQUESTS, recipient_rate: recipientRate };
}
