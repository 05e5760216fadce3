/** How long a process goes slowly at first. */
const WARM_UP_MS = 250;

/**
 * The first requests of a process are slow: connections are opened, and code runs for the first
 * time. Sent at full speed, those behind them would reach EngageLab together with them, more in a
 * second than the limit. So at first no more are under way than twice those that came back, and
 * one.
 */
export class WarmUp {
  #hasBegun = false;
  #isOver = false;
  #back = 0;

  /**
   * @param isProven whether EngageLab is known to answer: until then it goes on being slow
   * @returns how many requests may be under way, of `most`
   */
  room(most: number, isProven: boolean): number {
    return this.#isOver && isProven ? most : Math.min(most, 1 + 2 * this.#back);
  }

  /**
   * A request leaves: with the first one it begins. `onOver` is called once, when as many as wanted
   * may follow.
   */
  begin(onOver: () => void): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    setTimeout(() => {
      this.#isOver = true;
      onOver();
    }, WARM_UP_MS).unref();
  }

  /** A request is over. */
  cameBack(): void {
    this.#back++;
  }
}
