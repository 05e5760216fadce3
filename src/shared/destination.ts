/**
 * Where a worker's requests go, and what it may send there. A campaign that was sent to one origin is not gone on with
 * at another: who was texted there, nobody here knows. What that rests on is the gate (`ledger/open.lua`).
 */

/**
 * `own`: what is bound to its origin already. `new`: also what is bound to none yet, and is then bound to this one.
 * `any`: also what is bound to another one, which is then bound to this one.
 */
export type Reach = 'own' | 'new' | 'any';

export interface Destination {
  /** `https://smsapi.engagelab.com`: the base URL without its path. */
  readonly origin: string;
  /** A fingerprint of the credentials. It tells accounts apart for whoever looks, and decides nothing. */
  readonly account: string;
  readonly reach: Reach;
}

/**
 * A dot behind the host's name makes of it no other host.
 * @param baseUrl a URL that was checked
 */
export function originOf(baseUrl: string): string {
  const url = new URL(baseUrl);
  url.hostname = url.hostname.replace(/\.$/, '');
  return url.origin;
}

/** @param bound the origin that a campaign, or a notification, is bound to; undefined for none */
export function mayServe({ origin, reach }: Destination, bound: string | undefined): boolean {
  if (reach === 'any' || bound === origin) return true;
  return bound === undefined && reach === 'new';
}
