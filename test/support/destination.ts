import { type Destination, originOf } from '../../src/shared/destination.ts';

/** A worker's that may begin anything: for tests of what lies behind the gate's question of where. */
export const ANYWHERE: Destination = { origin: 'http://sandbox', account: 'test', reach: 'any' };

/** As of a worker whose base URL this is. */
export const towards = (url: string): Destination => ({ ...ANYWHERE, origin: originOf(url) });
