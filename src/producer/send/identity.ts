/** What makes two sends the same campaign: its id, and the fingerprint of list, template and params. */
import { createHash } from 'node:crypto';
import { conflict, VolleyError } from '../../shared/errors.ts';
import { CampaignId, NOTIFICATIONS } from '../../shared/job.ts';
import { nameWithoutEndings } from '../list/format.ts';
import type { ListSource, ReadPacksOptions } from '../list/read-packs.ts';

export interface IdentityOptions
  extends Pick<
    ReadPacksOptions,
    'params' | 'constants' | 'columns' | 'fallbacks' | 'sheet' | 'headerRow' | 'encoding'
  > {
  campaign?: string | undefined;
  template: string;
  /** Hex SHA-256 of the list that is left out. */
  excludedHash?: string | undefined;
}

/** Hex SHA-256. @param listHash hex SHA-256 of the list */
export function fingerprintOf(listHash: string, options: IdentityOptions): string {
  const { template, params = null, constants = {}, excludedHash } = options;
  const what: unknown[] = [listHash, template, params, Object.entries(constants).sort()];
  // Only then: the same command as ever is still the same campaign.
  if (excludedHash !== undefined) what.push(excludedHash);
  const reading = readingOf(options);
  if (Object.keys(reading).length > 0) what.push(reading);
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}

/** Of how the list is read, what was given and may put another text into a message: keys always in this order. */
function readingOf(options: IdentityOptions): Record<string, unknown> {
  const { columns = {}, fallbacks = {}, sheet, headerRow, encoding } = options;
  const entries = {
    columns: Object.entries(columns).sort(),
    fallbacks: Object.entries(fallbacks).sort(),
    sheet,
    headerRow,
    encoding,
  };
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) =>
      Array.isArray(value) ? value.length > 0 : value !== undefined,
    ),
  );
}

/**
 * What is sent again under an id must be the same, or have another id.
 * @param released the fingerprint of the one that was released under this id
 * @throws VolleyError `conflict`
 */
export function refuseOtherList(
  id: string,
  listHash: string,
  options: IdentityOptions,
  released: string | undefined,
): void {
  if (fingerprintOf(listHash, options) === released) return;
  throw conflict(
    'other_list',
    `campaign ${id}: it was sent before with another list, template or params; ` +
      'choose another --campaign for what is new',
  );
}

/**
 * The id given, or one made of the file's name and its fingerprint, so that the same command is the same campaign.
 * @throws VolleyError `bad_input`
 */
export function campaignId(
  source: ListSource,
  options: IdentityOptions,
  listHash: string | undefined,
): string {
  const given = options.campaign;
  if (given === undefined) {
    if (!('path' in source) || listHash === undefined) {
      throw new VolleyError(
        'bad_input',
        'campaign: expected an id for a list that is not a file (a pipe can be read only once), ' +
          'got none; give --campaign ID',
      );
    }
    return `${nameOf(source.path)}-${fingerprintOf(listHash, options).slice(0, 8)}`;
  }
  const checked = CampaignId.safeParse(given);
  if (!checked.success) {
    throw new VolleyError(
      'bad_input',
      `campaign: ${checked.error.issues[0]?.message}, got ${JSON.stringify(given)}`,
    );
  }
  if (given === NOTIFICATIONS) {
    throw new VolleyError('bad_input', `campaign: ${NOTIFICATIONS} is reserved; choose another id`);
  }
  return given;
}

/** `Black Friday (2).csv`, and that as `.csv.gz`, → `black-friday-2`, with room left for a hyphen and eight digits. */
function nameOf(path: string): string {
  const name = nameWithoutEndings(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'list' : name;
}
