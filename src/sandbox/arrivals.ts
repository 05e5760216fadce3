/**
 * When each request arrived, and with how many recipients, for measuring rates at the receiving
 * end. 16 bytes a request; off unless asked for.
 */
import { Names } from './names.ts';

export interface Arrival {
  /** Milliseconds since the sandbox started, by the monotonic clock. */
  readonly ms: number;
  /** 0 where the request could not be read. */
  readonly recipients: number;
  readonly template: string;
}

export class Arrivals {
  size = 0;
  #ms = new Float64Array(1024);
  #recipients = new Uint32Array(1024);
  #templates = new Uint32Array(1024);
  #templateNames = new Names();

  add(ms: number, recipients: number, template: string): void {
    if (this.size === this.#ms.length) this.#grow();
    this.#ms[this.size] = ms;
    this.#recipients[this.size] = recipients;
    this.#templates[this.size] = this.#templateNames.indexOf(template);
    this.size += 1;
  }

  *[Symbol.iterator](): Generator<Arrival> {
    for (let at = 0; at < this.size; at += 1) {
      yield {
        ms: this.#ms[at] ?? 0,
        recipients: this.#recipients[at] ?? 0,
        template: this.#templateNames.at(this.#templates[at]),
      };
    }
  }

  #grow(): void {
    const capacity = 2 * this.#ms.length;
    const [ms, recipients, templates] = [this.#ms, this.#recipients, this.#templates];
    this.#ms = new Float64Array(capacity);
    this.#recipients = new Uint32Array(capacity);
    this.#templates = new Uint32Array(capacity);
    this.#ms.set(ms);
    this.#recipients.set(recipients);
    this.#templates.set(templates);
  }
}
