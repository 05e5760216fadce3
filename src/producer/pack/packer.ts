/**
 * Gathers messages into packs, each of which becomes a job: as many as the job schema allows, in the
 * order they came. The same messages always make the same packs: job ids rest on that.
 */
import { MAX_MESSAGES_PER_JOB, MAX_NUMBERS_PER_JOB, type Message } from '../../shared/job.ts';

/** The messages of one job. */
export type Pack = Message[];

export class Packer {
  #pack: Pack = [];
  #numbers = 0;

  /** Takes a message, and appends to `out` the pack that it did not fit into, or that it filled. */
  add(message: Message, out: Pack[]): void {
    const numbers = message[0].length;
    if (this.#pack.length > 0 && this.#numbers + numbers > MAX_NUMBERS_PER_JOB) this.flush(out);
    this.#pack.push(message);
    this.#numbers += numbers;
    const full = this.#pack.length >= MAX_MESSAGES_PER_JOB || this.#numbers >= MAX_NUMBERS_PER_JOB;
    if (full) this.flush(out);
  }

  /** Appends the pack that is not full yet, if there is one. */
  flush(out: Pack[]): void {
    if (this.#pack.length === 0) return;
    out.push(this.#pack);
    this.#pack = [];
    this.#numbers = 0;
  }
}
