const TELL_MS = 60_000;
/** Kinds are words of a program and few; where they are not, the oldest is forgotten, and then told of anew. */
const MOST_KINDS = 100;

/** Keeps what comes again and again from filling the log: of each kind the first is told, then one a minute. */
export class Seldom {
  readonly #kinds = new Map<string, { toldAt: number; untold: number }>();

  /** How often it came since it was told of last, this time included; 0 where it is too early to tell again. */
  count(kind: string): number {
    const now = performance.now();
    const known = this.#kinds.get(kind);
    if (known && now - known.toldAt < TELL_MS) {
      known.untold++;
      return 0;
    }
    // Put in anew, so that the first of the map is the one told of longest ago.
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { toldAt: now, untold: 0 });
    for (const oldest of this.#kinds.keys()) {
      if (this.#kinds.size <= MOST_KINDS) break;
      this.#kinds.delete(oldest);
    }
    return (known?.untold ?? 0) + 1;
  }
}
