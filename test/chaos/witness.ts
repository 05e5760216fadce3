/** Who was texted when, as the stand-in saw it. It judges nothing. */
export interface Texted {
  readonly to: string;
  /** Unix ms. */
  readonly at: number;
}

export class Witness {
  readonly #texts: Texted[] = [];

  /** Called with each request once it has been read to its end. */
  note(numbers: readonly string[]): void {
    const at = Date.now();
    for (const to of numbers) this.#texts.push({ to, at });
  }

  /** How many texts it has seen: what comes from now on is `since` this. */
  get size(): number {
    return this.#texts.length;
  }

  since(size: number): readonly Texted[] {
    return this.#texts.slice(size);
  }

  before(time: number): readonly Texted[] {
    return this.#texts.filter(({ at }) => at < time);
  }

  /** Distinct numbers. */
  numbers(): ReadonlySet<string> {
    return new Set(this.#texts.map(({ to }) => to));
  }
}
