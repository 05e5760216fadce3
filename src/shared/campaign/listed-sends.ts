/** Where a `send` is listed among those of its template, for whoever looks for people who were texted before. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from '../redis/keys.ts';

/** One `send`: its campaign and its token. */
export interface Listed {
  readonly id: string;
  readonly token: string;
}

export function memberOf({ id, token }: Listed): string {
  return `${token} ${id}`;
}

/** The key of the list. */
export function listOf({ fleet }: Keys, template: string): string {
  return fleet.sentWith(createHash('sha256').update(template).digest('hex'));
}

/** Takes off those that have come to nothing. */
export async function unlistSends(
  redis: Redis,
  keys: Keys,
  template: string,
  gone: readonly Listed[],
): Promise<void> {
  if (gone.length === 0) return;
  await redis.zrem(listOf(keys, template), ...gone.map(memberOf));
  await Promise.all(gone.map(({ id, token }) => redis.unlink(keys.campaign(id).sketch(token))));
}
