/**
 * What a fault is: whom it texts all the same, what it answers, and how far the answer gets. And
 * how to make one.
 */
import type { Ids } from './ids.ts';
import { acceptance, failure, type RawReply } from './reply.ts';

/** What a reply may depend on. */
export interface Occasion {
  readonly ids: Ids;
  readonly recipients: number;
  readonly scheduled: boolean;
  /** Unix milliseconds. */
  readonly now: number;
}

/**
 * How far the reply gets: all of it; none, the connection being closed (FIN) or reset (RST) or
 * left open; its head only, with the connection left open; a part, then closed; a part as
 * `break` says.
 */
export type Delivery = 'whole' | 'close' | 'reset' | 'hang' | 'head' | 'cut' | 'break';

/** A reply that does not come to its end. */
export interface Break {
  /** How its head tells where the body ends; `none`: by the end of the connection. */
  readonly framing: 'length' | 'chunked' | 'none';
  /** After what it breaks off: its head, half its body, all but what ends it. */
  readonly after: 'head' | 'half' | 'body';
  readonly by: 'close' | 'reset';
}

export interface Fault {
  readonly name: string;
  readonly about: string;
  /** How many of so many recipients are texted: the first ones of `to`. */
  readonly texted: (recipients: number) => number;
  readonly reply: (occasion: Occasion) => RawReply;
  readonly delivery: Delivery;
  readonly delayMs: number;
  /** For `cut`: after how many bytes, the head included; without it in the middle of the body. */
  readonly cutAt?: number;
  /** For `break`. */
  readonly break?: Break;
  /** `100 Continue` goes before the reply, although nobody asked for it. */
  readonly continues?: true;
  /** A second reply, which nobody asked for, so many milliseconds after the first: a failure. */
  readonly againMs?: number;
}

export const none = () => 0;
export const one = () => 1;
export const all = (recipients: number) => recipients;
export const allButOne = (recipients: number) => recipients - 1;

export const ok = ({ ids, recipients, scheduled }: Occasion) =>
  acceptance(ids, recipients, recipients, scheduled);

export function fault(
  name: string,
  about: string,
  texted: Fault['texted'],
  reply: Fault['reply'],
  delivery: Delivery = 'whole',
  delayMs = 0,
): Fault {
  return { name, about, texted, reply, delivery, delayMs };
}

/**
 * A documented failure: a status, a code, and the counts that tell how many were accepted all
 * the same.
 */
export function refused(
  name: string,
  status: number,
  code: number,
  message: string,
  texted: Fault['texted'] = none,
): Fault {
  const accepted =
    texted === none ? '' : texted === one ? ', yet one accepted' : ', yet all accepted';
  return fault(name, `HTTP ${status}, code ${code}: ${message}${accepted}`, texted, (occasion) => {
    const { ids, recipients } = occasion;
    return failure(ids, status, recipients, texted(recipients), code, message);
  });
}

/** The same with its code and counts in quotes. */
export function refusedInQuotes(
  name: string,
  status: number,
  code: number,
  message: string,
): Fault {
  const plain = refused(name, status, code, message);
  return {
    ...plain,
    about: `${plain.about}, all numbers in quotes`,
    reply: (occasion) => {
      const reply = plain.reply(occasion);
      return { ...reply, body: String(reply.body).replace(/:(\d+)/g, ':"$1"') };
    },
  };
}

/** Accepted as ever, in a content coding that nobody asked for. */
export function packed(name: string, coding: string, pack: (body: string) => Uint8Array): Fault {
  return fault(name, `none: accepted, in ${coding}`, all, (occasion) => {
    const { status, headers, body } = ok(occasion);
    return { status, headers: [...headers, 'Content-Encoding', coding], body: pack(String(body)) };
  });
}

/** All are texted, and the answer, which says so, does not come whole. */
export function broken(
  name: string,
  status: number,
  framing: Break['framing'],
  after: Break['after'],
  by: Break['by'],
): Fault {
  const parts = { head: 'its head', half: 'half its JSON', body: 'all but its end' };
  const framings = { length: 'Content-Length', chunked: 'chunked', none: 'no length' };
  const end = by === 'close' ? 'closed' : 'reset';
  const about = `HTTP ${status}, ${framings[framing]}: ${parts[after]}, then ${end}; texted`;
  const made = fault(name, about, all, (occasion) => failed(occasion, status), 'break');
  return { ...made, break: { framing, after, by } };
}

/** A failure that says how many were accepted: all. */
export function failed({ ids, recipients }: Occasion, status = 500) {
  return failure(ids, status, recipients, recipients, 1000, 'internal error');
}
