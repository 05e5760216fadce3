/** What a campaign will be, before anything of it is sent: shapes, and how long it will take. */

import type { ListTotals } from '../list/options.ts';
import type { Excluded } from '../number-list/excluded.ts';
import type { ListColumns } from '../rows/row.ts';
import type { SentBefore } from '../sent-before/verdict.ts';
import type { Texts, TextsTotals } from '../texts/texts.ts';

/** What a campaign will be, before anything of it is sent. */
export interface Preview {
  /** The id. */
  readonly campaign: string;
  readonly totals: Readonly<ListTotals>;
  /** Names of the params of every message, those with one value for all last. */
  readonly params: readonly string[];
  /** Of a CSV: which columns are what. */
  readonly columns: ListColumns | undefined;
  /** Where the template's text was given. */
  readonly texts: TextsTotals | undefined;
  /** Where another list was to be left out. */
  readonly excluded: Excluded | undefined;
  /**
   * The campaigns that texted people of this list the same message within a day, or are to; the one
   * with most of them first. Where it is refused, those that were looked at. Undefined where nobody
   * looked: without Redis, or with `again`.
   */
  readonly sentBefore: readonly SentBefore[] | undefined;
  /** Unix ms, by Redis's clock; by this machine's where nobody asked Redis. */
  readonly now: number;
}

/** Limits a second: of the fleet, or of a campaign. */
export interface Pace {
  readonly rate?: number | undefined;
  readonly recipientRate?: number | undefined;
}

/** Loaded only where it is asked for: what it counts with is large. @throws VolleyError `bad_input` for an empty text */
export async function openTexts(templateText: string | undefined): Promise<Texts | undefined> {
  if (templateText === undefined) return undefined;
  const { Texts } = await import('../texts/texts.ts');
  return new Texts(templateText);
}

/** Seconds that sending takes where nothing else is sent and nothing fails. @param limits the lowest counts */
export function secondsToSend(
  { messages, recipients }: Pick<ListTotals, 'messages' | 'recipients'>,
  ...limits: readonly Pace[]
): number {
  const { rate, recipientRate } = lowestOf(limits);
  return Math.ceil(Math.max(messages / rate, recipients / recipientRate));
}

/** Infinity where there is no limit. */
export function lowestOf(limits: readonly Pace[]): { rate: number; recipientRate: number } {
  return {
    rate: Math.min(...limits.map((each) => each.rate ?? Infinity)),
    recipientRate: Math.min(...limits.map((each) => each.recipientRate ?? Infinity)),
  };
}
