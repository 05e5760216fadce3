/** All that the sandbox counts, in one place: requests, answers, texts, arrivals. */
import { Arrivals } from './arrivals.ts';
import type { Order } from './order.ts';
import { Texts } from './texts.ts';

export interface Stats {
  /** Unix milliseconds; arrivals are counted from here. */
  readonly started_at: number;
  readonly requests: number;
  readonly in_flight: number;
  readonly max_in_flight: number;
  /** Recipients accepted, also where the reply was lost. */
  readonly texts: number;
  /** Distinct numbers texted. */
  readonly numbers: number;
  /** The most times that one number was texted. */
  readonly most_texts: number;
  /** Numbers texted more than once, and those of them with a differing template or params. */
  readonly texted_again: number;
  readonly texted_differently: number;
  /** Of `texts`, those for a later time. */
  readonly scheduled: number;
  /** Requests answered 401. */
  readonly unauthorized: number;
  /**
   * Requests by what they got: `ok`, a fault's name, a refusal's code, `aborted` by the client.
   */
  readonly answers: Readonly<Record<string, number>>;
}

export class Books {
  texts = new Texts();
  arrivals: Arrivals | undefined;
  requests = 0;
  #recordArrivals: boolean;
  #startedAt: number;
  #startedTicks = performance.now();
  #inFlight = 0;
  #maxInFlight = 0;
  #scheduled = 0;
  #unauthorized = 0;
  #answers = new Map<string, number>();

  constructor(startedAt: number, recordArrivals: boolean) {
    this.#startedAt = startedAt;
    this.#recordArrivals = recordArrivals;
    this.reset();
  }

  /** Requests under way stay under way. */
  reset(): void {
    this.texts = new Texts();
    this.arrivals = this.#recordArrivals ? new Arrivals() : undefined;
    this.requests = 0;
    this.#maxInFlight = this.#inFlight;
    this.#scheduled = 0;
    this.#unauthorized = 0;
    this.#answers.clear();
  }

  begin(): number {
    this.requests += 1;
    this.#inFlight += 1;
    if (this.#inFlight > this.#maxInFlight) this.#maxInFlight = this.#inFlight;
    return this.requests;
  }

  end(): void {
    this.#inFlight -= 1;
  }

  arrived(order: Order | undefined): void {
    if (this.arrivals === undefined) return;
    const ms = performance.now() - this.#startedTicks;
    this.arrivals.add(ms, order?.to.length ?? 0, order?.template ?? '');
  }

  answered(answer: string, status: number): void {
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
    if (status === 401) this.#unauthorized += 1;
  }

  texted(order: Order, recipients: number): void {
    if (recipients === 0) return;
    this.texts.add(order.keys, recipients, order.template, JSON.stringify(order.params));
    if (order.scheduled) this.#scheduled += recipients;
  }

  stats(): Stats {
    return {
      started_at: this.#startedAt,
      requests: this.requests,
      in_flight: this.#inFlight,
      max_in_flight: this.#maxInFlight,
      texts: this.texts.total,
      numbers: this.texts.size,
      most_texts: this.texts.most,
      texted_again: this.texts.again,
      texted_differently: this.texts.changed,
      scheduled: this.#scheduled,
      unauthorized: this.#unauthorized,
      answers: Object.fromEntries(this.#answers),
    };
  }
}
