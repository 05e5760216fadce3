/**
 * Collects what is asked for within one turn of the event loop and carries it out in one call.
 * A pack's messages open and close their attempts this way: one script call for all of them.
 */
export class PerTick<Item, Result> {
  readonly #carryOut: (items: Item[]) => Promise<readonly Result[]>;
  #items: Item[] = [];
  #settle: { resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];

  /** @param carryOut gives a result for each item, in the same order */
  constructor(carryOut: (items: Item[]) => Promise<readonly Result[]>) {
    this.#carryOut = carryOut;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#items.length === 0) setImmediate(() => void this.#flush());
      this.#items.push(item);
      this.#settle.push({ resolve, reject });
    });
  }

  async #flush(): Promise<void> {
    const items = this.#items;
    const settle = this.#settle;
    this.#items = [];
    this.#settle = [];
    try {
      const results = await this.#carryOut(items);
      for (const [at, { resolve, reject }] of settle.entries()) {
        const result = results[at];
        if (result === undefined) reject(new Error(`no result for item ${at} of ${items.length}`));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of settle) reject(error);
    }
  }
}
