/** Whether a list was sent before, by what earlier campaigns have texted of it; and how that is said. */
import { conflict, type VolleyError } from '../../shared/errors.ts';

/** An earlier campaign that texted people of this list the same message within a day, or is to. */
export interface SentBefore {
  /** The id. */
  readonly campaign: string;
  /** When it was released, or started where that was later, Unix ms. */
  readonly at: number;
  /** Of this list's recipients: those that were texted, or may have been. */
  readonly texted: number;
  /** Those that it is still to text. */
  readonly pending: number;
  /** This list's recipients. */
  readonly of: number;
  /**
   * `exact` where its jobs are there. `about` where these were forgotten, and `unknown` where it was
   * also so much larger that nothing can be said.
   */
  readonly certainty: 'exact' | 'about' | 'unknown';
}

/** The share of a list that may have been texted before. */
const LEAST_REFUSED = 1 / 5;
const DAY_MS = 24 * 60 * 60 * 1000;

export function isRefused(people: number, of: number): boolean {
  return people > 0 && people >= of * LEAST_REFUSED;
}

/**
 * @param together how many people of the list all of them texted or are to text
 * @param now Unix ms, by Redis's clock
 * @returns `conflict` where they are a fifth of the list or more
 */
export function refusalOf(
  id: string,
  found: readonly SentBefore[],
  together: number,
  now: number,
): VolleyError | undefined {
  const one = found.find(({ texted, pending, of }) => isRefused(texted + pending, of));
  if (one) return refused(id, wordsOf(one, now), one.texted + one.pending < one.of);
  const [first] = found;
  if (!first || !isRefused(together, first.of)) return undefined;
  const isAbout = found.some(({ certainty }) => certainty !== 'exact');
  const parts = found
    .filter(({ texted, pending }) => texted + pending > 0)
    .map(({ campaign, texted, pending }) => `${campaign} (${grouped(texted + pending)})`);
  const who = `${isAbout ? 'about ' : ''}${grouped(together)} of its ${recipients(first.of)}`;
  const what = 'were texted this message within 24 h, or are to be';
  return refused(id, `${who} ${what}, by campaigns ${listed(parts)}`, true);
}

/** What is said where another `send` of the same people stands right before its release, and stays there. */
export function refusalOfRace(id: string, other: string): VolleyError {
  return conflict(
    'same_list',
    `campaign ${id}: another send is releasing this message to people of this list, as campaign ${other}; ` +
      'wait for it to end, or to fail, and send this one then',
  );
}

/**
 * `9,800 of its 10,000 recipients were texted this message 2 h ago, by campaign spring (200 more are still to be)`
 * @param now Unix ms, by Redis's clock
 */
export function wordsOf(
  { campaign, at, texted, pending, of, certainty }: SentBefore,
  now: number,
): string {
  const when = ago(now - at);
  if (certainty === 'unknown')
    return `how many of its ${recipients(of)} were texted this message ${when}, by campaign ${campaign}, is not known: its jobs were forgotten`;
  const about = certainty === 'about' ? 'about ' : '';
  const share = (count: number) => `${about}${grouped(count)} of its ${recipients(of)}`;
  if (texted === 0) {
    const are = pending === 1 ? 'is' : 'are';
    return `${share(pending)} ${are} to be texted this message by campaign ${campaign}, sent ${when}`;
  }
  const more =
    pending === 0
      ? ''
      : ` (${about}${grouped(pending)} more ${pending === 1 ? 'is' : 'are'} still to be)`;
  const were = texted === 1 ? 'was' : 'were';
  const by =
    now - at <= DAY_MS
      ? `${when}, by campaign ${campaign}`
      : `within 24 h, by campaign ${campaign}, sent ${when}`;
  return `${share(texted)} ${were} texted this message ${by}${more}`;
}

function refused(id: string, words: string, isPart: boolean): VolleyError {
  const ways = ['--again sends it once more'];
  if (isPart) ways.push('--exclude FILE leaves out the numbers of another list');
  return conflict('same_list', [`campaign ${id}: ${words}`, ...ways].join('; '));
}

function ago(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

const SHOWN = 5;

function listed(parts: readonly string[]): string {
  const rest = parts.length - SHOWN;
  const first = parts.slice(0, SHOWN).join(', ');
  return rest > 0 ? `${first} and ${grouped(rest)} more` : first;
}

function recipients(count: number): string {
  return `${grouped(count)} recipient${count === 1 ? '' : 's'}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
