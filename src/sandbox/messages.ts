/**
 * `POST /v1/messages`: reads a request, has it judged, counted and answered, as well or as badly
 * as was chosen. Judging is `order.ts`, choosing `mischief.ts`, counting `books.ts`, the bytes
 * of an answer `delivery.ts`. A request without fault, latency or hook is answered in the same
 * turn in which it was read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Books } from './books.ts';
import type { Credentials } from './credentials.ts';
import { deliver, deliverInHalves } from './delivery.ts';
import type { Fault } from './fault.ts';
import { faultNamed } from './faults.ts';
import { Ids } from './ids.ts';
import type { Mischief } from './mischief.ts';
import type { RequestPoint, SandboxOptions } from './options.ts';
import { type Order, readOrder } from './order.ts';
import { acceptance, bare, failure, type RawReply } from './reply.ts';

/** What a request comes to. */
interface Answered {
  readonly request: number;
  readonly answer: string;
  readonly order: Order | undefined;
  /** How many of the order's recipients are texted. */
  readonly texted: number;
  readonly reply: RawReply;
  readonly fault: Fault | undefined;
}

export class Messages {
  readonly #books: Books;
  readonly #credentials: Credentials;
  readonly #mischief: Mischief;
  readonly #now: () => number;
  readonly #ids: Ids;
  readonly #onRequest: SandboxOptions['onRequest'];
  readonly #hasTemplate: (id: string) => boolean;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    books: Books,
    credentials: Credentials,
    mischief: Mischief,
    now: () => number,
    options: SandboxOptions,
  ) {
    this.#books = books;
    this.#credentials = credentials;
    this.#mischief = mischief;
    this.#now = now;
    this.#ids = new Ids(now());
    this.#onRequest = options.onRequest;
    const templates = options.templates === undefined ? undefined : new Set(options.templates);
    this.#hasTemplate = (id) =>
      (templates === undefined ? !id.startsWith('missing') : templates.has(id)) ||
      faultNamed(id) !== undefined;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const number = this.#books.begin();
    const drawn = this.#mischief.draw();
    response.on('close', () => {
      this.#books.end();
      if (!request.complete && drawn?.name !== 'close-before') this.#books.answered('aborted', 0);
    });
    if (drawn?.name === 'close-before') {
      this.#books.answered(drawn.name, 0);
      request.destroy();
      return;
    }
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      // Nearly every body is one piece.
      const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
      const answered = this.#judge(number, request, body?.toString() ?? '', drawn);
      this.#books.arrived(answered.order);
      if (this.#onRequest === undefined) this.#answer(response, answered);
      else void this.#answerWatched(response, answered);
    });
  }

  /** Replies that wait for their time are not given any more. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #judge(
    number: number,
    { method, headers }: IncomingMessage,
    text: string,
    drawn: Fault | undefined,
  ): Answered {
    const ids = this.#ids;
    if (method !== 'POST') {
      return answered(number, '405', undefined, 0, bare(405, ['Allow', 'POST']), undefined);
    }
    const now = this.#now();
    const order =
      this.#credentials.check(headers.authorization) ??
      readOrder(headers['content-type'] ?? '', text, {
        now,
        badNumbers: this.#mischief.badNumbers,
        hasTemplate: this.#hasTemplate,
      });
    if ('code' in order) {
      const { status, code, message, recipients } = order;
      const reply = failure(ids, status, recipients, 0, code, message);
      return answered(number, String(code), undefined, 0, reply, undefined);
    }
    const { scheduled } = order;
    const recipients = order.to.length;
    const fault = this.#mischief.choose(order, drawn);
    if (fault === undefined) {
      const reply = acceptance(ids, recipients, recipients, scheduled);
      return answered(number, 'ok', order, recipients, reply, undefined);
    }
    const reply = fault.reply({ ids, recipients, scheduled, now });
    return answered(number, fault.name, order, fault.texted(recipients), reply, fault);
  }

  #count({ answer, order, texted, reply, fault }: Answered): void {
    const replies = fault === undefined || fault.delivery === 'whole';
    this.#books.answered(answer, replies ? reply.status : 0);
    if (order !== undefined) this.#books.texted(order, texted);
  }

  #answer(response: ServerResponse, answered: Answered): void {
    this.#count(answered);
    const delayMs = this.#delayMs(answered);
    if (delayMs === 0) deliver(response, answered.reply, answered.fault);
    else this.#after(delayMs, () => deliver(response, answered.reply, answered.fault));
  }

  async #answerWatched(response: ServerResponse, answered: Answered): Promise<void> {
    await this.#tell('received', answered);
    this.#count(answered);
    const delayMs = this.#delayMs(answered);
    if (delayMs > 0) await new Promise<void>((resolve) => this.#after(delayMs, resolve));
    await this.#tell('before_reply', answered);
    if (answered.fault !== undefined && answered.fault.delivery !== 'whole') {
      deliver(response, answered.reply, answered.fault);
      return;
    }
    const { reply, fault } = answered;
    await deliverInHalves(response, reply, fault, () => this.#tell('half_reply', answered));
    await this.#tell('replied', answered);
  }

  #tell(point: RequestPoint, { request, answer, order }: Answered): void | Promise<void> {
    const { to = [], template = '', params = {} } = order ?? {};
    return this.#onRequest?.({ point, request, to, template, params, answer });
  }

  #delayMs({ fault }: Answered): number {
    return this.#mischief.latencyMs() + (fault?.delayMs ?? 0);
  }

  #after(delayMs: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, delayMs);
    this.#timers.add(timer);
  }
}

function answered(
  request: number,
  answer: string,
  order: Order | undefined,
  texted: number,
  reply: RawReply,
  fault: Fault | undefined,
): Answered {
  return { request, answer, order, texted, reply, fault };
}
