/** Sends as a command does, for tests of what was sent before. */
import { expect } from 'vitest';
import type { GivenRow, ListSource } from '../../../src/producer/list/options.ts';
import { type SendOptions, send } from '../../../src/producer/send/send.ts';
import { type Fleet, workUntilFinished } from '../../support/fleet.ts';

export type Rows = readonly GivenRow[];

/** Sends as a command does: refused where it was sent before. */
export function sendOnce(
  fleet: Fleet,
  campaign: string,
  list: Rows | ListSource,
  more?: Partial<SendOptions>,
) {
  const source = 'length' in list ? { rows: list } : list;
  const options = { campaign, template: 'promo', params: ['name'], ...more };
  return send(fleet.redis, fleet.keys, source, options);
}

export const refused = (words: string) => ({
  code: 'conflict',
  details: { why: 'same_list' },
  message: expect.stringContaining(words),
});

export async function finish(fleet: Fleet, ...campaigns: string[]): Promise<void> {
  await workUntilFinished(fleet.createWorker(), ...campaigns);
}
