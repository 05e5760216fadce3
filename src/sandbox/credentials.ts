/** Whom the sandbox lets in: Basic auth with a dev key and its secret. */
import type { Refusal } from './order.ts';

interface Pair {
  readonly key: string;
  readonly secret: string;
}

const UNKNOWN = refuse(401, 2001, 'authentication failed');
const DISABLED = refuse(401, 2002, 'token expired');
const FORBIDDEN = refuse(403, 2004, 'no permission');

export class Credentials {
  // Whole headers, as every client of ours writes them: no decoding for each request.
  #headers: ReadonlySet<string>;
  #pairs: ReadonlySet<string>;

  constructor(pairs: readonly Pair[]) {
    this.#pairs = new Set(pairs.map(({ key, secret }) => `${key}:${secret}`));
    this.#headers = new Set(
      [...this.#pairs].map((pair) => `Basic ${Buffer.from(pair).toString('base64')}`),
    );
  }

  check(header: string | undefined): Refusal | undefined {
    if (header !== undefined && this.#headers.has(header)) return undefined;
    const token = /^basic +([a-z0-9+/]+=*) *$/i.exec(header ?? '')?.[1];
    if (token === undefined) return UNKNOWN;
    const pair = Buffer.from(token, 'base64').toString();
    if (this.#pairs.has(pair)) return undefined;
    if (pair.startsWith('disabled:')) return DISABLED;
    if (pair.startsWith('forbidden:')) return FORBIDDEN;
    return UNKNOWN;
  }
}

function refuse(status: number, code: number, message: string): Refusal {
  return { status, code, message, recipients: 0 };
}
