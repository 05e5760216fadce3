/** A replay's other step: where a message's request changes, its numbers move to messages of new jobs. */
import type { Redis } from 'ioredis';
import { ALL_ACCEPTED } from '../ledger/fold.ts';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';
import { FROM, REPLAYED } from './fields.ts';
import type { Taking } from './steps.ts';

const MOVE = loadScript(new URL('move.lua', import.meta.url), { ALL_ACCEPTED, REPLAYED, FROM });

export interface Parent extends Taking {
  jobId: string;
  /** The messages that get its numbers, as `encodeRanges` writes them. */
  to: string;
}

export interface Child {
  jobId: string;
  /** The job's data, JSON. */
  data: string;
  /** The parents of its messages, as `encodeParents` writes it. */
  from: string;
  /** The entry of each message. */
  entries: readonly string[];
}

export type MoveResult = 'moved' | 'place' | 'changed' | 'closed' | 'cancelled';

/** @param jobs how many jobs the campaign has: `place` is returned where it is not so (any more) */
export async function moveNumbers(
  redis: Redis,
  keys: CampaignKeys,
  chapter: number,
  jobs: number,
  parents: readonly Parent[],
  children: readonly Child[],
): Promise<MoveResult> {
  const values: (string | number)[] = [chapter, jobs, parents.length, children.length];
  for (const { index, numbers, head, to } of parents) values.push(index, numbers, head, to);
  for (const { jobId, data, from, entries } of children) {
    values.push(jobId, data, entries.length, from, ...entries);
  }
  const reply = await MOVE.run(
    redis,
    [
      ...[keys.counts, keys.campaign, keys.replaying],
      ...parents.flatMap(({ jobId }) => [keys.ledger(jobId), keys.job(jobId)]),
      ...children.map(({ jobId }) => keys.ledger(jobId)),
      keys.gone,
    ],
    values,
  );
  const known = ['moved', 'place', 'changed', 'cancelled'] as const;
  return known.find((word) => word === reply) ?? 'closed';
}
