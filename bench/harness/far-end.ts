/** Where requests arrive: a sandbox in a process of its own, and its own count of who was texted. */
import * as z from 'zod';
import type { Child } from './child.ts';

const Stats = z.object({
  requests: z.number(),
  texts: z.number(),
  numbers: z.number(),
  most_texts: z.number(),
});

export class FarEnd {
  readonly url: string;
  readonly #child: Child;

  constructor(url: string, child: Child) {
    this.url = url;
    this.#child = child;
  }

  static async of(child: Child): Promise<FarEnd> {
    return new FarEnd(await child.ask('url', z.string()), child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async reset(): Promise<void> {
    await this.#child.ask('reset', z.unknown());
  }

  /** Arrived so far. */
  async requests(): Promise<number> {
    return (await this.#child.ask('stats', Stats)).requests;
  }

  /** @throws Error unless so many numbers were texted, each once, in so many requests */
  async expectOnceEach(recipients: number, requests: number): Promise<void> {
    const got = await this.#child.ask('stats', Stats);
    const isExact =
      got.texts === recipients && got.numbers === recipients && got.requests === requests;
    if (isExact) return;
    throw new Error(
      `expected ${recipients} numbers texted once each in ${requests} requests, got ${got.texts} texts to ` +
        `${got.numbers} numbers in ${got.requests} requests, ${got.most_texts} to one number at most`,
    );
  }
}
