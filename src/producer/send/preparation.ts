/**
 * What a `send` and its dry run have in common: what comes before the list is read, and the reading
 * itself. It lays nothing, and asks Redis nothing of its own accord.
 */
import { checkList, DEFAULT_MAX_INVALID } from '../list/check.ts';
import { checkSource } from '../list/given-list.ts';
import type { ListSource, ListTotals, ReadPacksOptions } from '../list/options.ts';
import { hashFile, type Pack, type PackReading, readPacks } from '../list/read-packs.ts';
import { asStream } from '../list/source.ts';
import type { Excluded } from '../number-list/excluded.ts';
import { checkTimes } from '../pack/times.ts';
import type { ListPeople } from '../sent-before/people.ts';
import type { SentBefore } from '../sent-before/verdict.ts';
import type { Texts } from '../texts/texts.ts';
import { checkOptions } from './check-options.ts';
import { campaignId, type IdentityOptions } from './identity.ts';
import { checkRates, type InnerSendOptions } from './options.ts';
import { openTexts, type Preview } from './preview.ts';

/** What is known before the list is read. */
export interface Preparation {
  readonly id: string;
  readonly source: ListSource;
  readonly options: InnerSendOptions;
  /** Where the template's text was given. */
  readonly texts: Texts | undefined;
  /** Where another list is to be left out. */
  readonly excluded: Excluded | undefined;
  /** What makes another `send` the same campaign, beside the list. */
  readonly identity: IdentityOptions;
  /** Hex SHA-256 of the list, where it is a file; of any other, known once it has been read. */
  readonly listHash: string | undefined;
  /** When it began, Unix ms, by Redis's clock. */
  readonly now: number;
}

/**
 * Checks the options, reads the list to leave out, and finds the campaign's id.
 * @param now Unix ms, by Redis's clock
 * @throws VolleyError `bad_input`
 */
export async function prepare(
  given: ListSource,
  options: InnerSendOptions,
  now: number,
): Promise<Preparation> {
  checkSource(given);
  checkOptions(options);
  checkTimes(options, now);
  checkRates(options);
  const texts = await openTexts(options.templateText);
  const excluded = options.exclude && (await excludedFrom(options.exclude, options));
  if (excluded) options.onExcluded?.(excluded);
  const identity = { ...options, excludedHash: excluded?.sha256 };
  // Its hash would be all that is left of a pipe.
  const source = await asStream(given);
  const listHash = 'path' in source ? await hashFile(source.path, options.signal) : undefined;
  const id = campaignId(source, identity, listHash);
  return { id, source, options, texts, excluded, identity, listHash, now };
}

/** What reads such a list is loaded only where there is one. */
async function excludedFrom(list: ListSource, options: InnerSendOptions): Promise<Excluded> {
  const { readExcluded } = await import('../number-list/excluded.ts');
  return readExcluded(list, options);
}

/** Takes a pack that has been read, with the names of its params and the totals so far. */
export type TakePack = (
  pack: Pack,
  params: readonly string[],
  totals: Readonly<ListTotals>,
) => Promise<void>;

/** What reading takes beside the options. */
export interface Asked extends Pick<ReadPacksOptions, 'findSuppressed' | 'signal'> {
  /** Takes all recipients, where it is known what was sent before. */
  readonly people?: ListPeople | undefined;
}

/**
 * Reads the list to its end.
 * @param asked who must not be texted, what stops it, and who gathers the people
 * @param take waited for, pack by pack; undefined where nothing comes of them
 * @throws VolleyError `bad_input` for a list that cannot be used as a whole
 */
export async function readList(
  { source, options, texts, excluded }: Preparation,
  { people, ...asked }: Asked,
  take?: TakePack,
): Promise<PackReading> {
  const reading = readPacks(source, {
    ...options,
    excluded: excluded?.numbers,
    ...asked,
    onRecipients: people && ((recipients) => people.take(recipients, reading.params)),
  });
  for await (const packs of reading) {
    for (const pack of packs) {
      await texts?.take(pack, reading.params);
      await take?.(pack, reading.params, reading.totals);
    }
    options.onProgress?.(reading.totals);
  }
  return reading;
}

/** @throws VolleyError `bad_input` for a list that was read and may not be sent */
export function checkRead({ options }: Preparation, totals: Readonly<ListTotals>): void {
  checkList(totals, options.maxInvalid ?? DEFAULT_MAX_INVALID);
}

/**
 * Reads a list for its hash alone: what has been released once is not laid again.
 * @returns hex SHA-256, the one that `Preparation.listHash` has of a file
 */
export async function hashOf({ source, options, listHash }: Preparation): Promise<string> {
  if (listHash !== undefined) return listHash;
  const reading = readPacks(source, { ...options, onInvalid: undefined });
  for await (const _packs of reading) options.onProgress?.(reading.totals);
  return reading.sha256;
}

export function previewOf(
  { id, texts, excluded, now }: Preparation,
  { totals, params, columns }: PackReading,
  sentBefore: readonly SentBefore[] | undefined,
): Preview {
  return { campaign: id, totals, params, columns, texts: texts?.totals, excluded, sentBefore, now };
}
