/**
 * The first byte of a request leaves within so long of the moment its permit was asked for, or not
 * at all: then the attempt is closed as never written, and what had been looked at is looked at
 * anew. Whether the valve is open, whether its numbers have opted out and whether its campaign's
 * gate is open is all asked for after that moment. So whoever has locked the valve, put a number on
 * the opt-out list or shut a gate knows, after waiting for as long, that nothing leaves any more
 * that had been asked for before: without asking any worker, and whatever their clocks say, for
 * both sides measure durations only. Source: docs/design/control.md.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { FleetKeys } from '../redis/keys.ts';

export const FIRST_BYTE_MS = 1000;

/** For the way from the last look at the clock to the wire. */
const MARGIN_MS = 250;

/** How long after the gate was shut an attempt that had been opened before may still leave, ms. */
export const LAST_LEAVING_MS = FIRST_BYTE_MS + MARGIN_MS;

/**
 * Resolves when nothing can leave any more that was asked for before the call. A worker says that
 * it is there before it asks for anything, and takes that away when it has left. So where none is
 * told of, there is nothing to wait for.
 */
export async function lastHasLeft(redis: Redis, fleet: FleetKeys): Promise<void> {
  if ((await redis.hlen(fleet.workers)) > 0) await sleep(LAST_LEAVING_MS);
}
