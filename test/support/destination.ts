import type { Destination } from '../../src/shared/destination.ts';

/** A worker's that may begin anything: for tests of what lies behind the gate's question of where. */
export const ANYWHERE: Destination = { origin: 'http://sandbox', account: 'test', reach: 'any' };
