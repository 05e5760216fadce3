/** Somebody who waits for a permit. */
export interface Waiter {
  /** What it stands in turn under: a campaign's id. */
  campaign: string;
  /** Goes before all that are not: a notification. */
  isUrgent: boolean;
  /** How many numbers its message has. */
  numbers: number;
}

/**
 * Who is next: the urgent in the order they came, then the campaigns in turn, each in its own order, so that a small
 * campaign is not held up by a large one, nor large messages by many small ones. It grants nothing.
 */
export class Waiters<Each extends Waiter> {
  readonly #urgent = new Set<Each>();
  /** The lane at the front is the one whose turn it is; none is empty. */
  readonly #lanes = new Map<string, Set<Each>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get urgent(): number {
    return this.#urgent.size;
  }

  add(waiter: Each): void {
    this.#size++;
    if (waiter.isUrgent) {
      this.#urgent.add(waiter);
      return;
    }
    const lane = this.#lanes.get(waiter.campaign);
    if (lane) lane.add(waiter);
    else this.#lanes.set(waiter.campaign, new Set([waiter]));
  }

  /** @returns false if it was not waiting any more */
  remove(waiter: Each): boolean {
    if (waiter.isUrgent) {
      if (!this.#urgent.delete(waiter)) return false;
    } else {
      const lane = this.#lanes.get(waiter.campaign);
      if (!lane?.delete(waiter)) return false;
      if (lane.size === 0) this.#lanes.delete(waiter.campaign);
    }
    this.#size--;
    return true;
  }

  /**
   * Takes the one whose turn it is, and puts its campaign behind the others.
   * @param most nobody is taken if it has more numbers than this: it is not passed over either
   */
  take(most: number = Number.POSITIVE_INFINITY): Each | undefined {
    const [urgent] = this.#urgent;
    if (urgent) {
      if (urgent.numbers > most) return undefined;
      this.remove(urgent);
      return urgent;
    }
    const [front] = this.#lanes;
    if (!front) return undefined;
    const [campaign, lane] = front;
    const [first] = lane;
    if (!first || first.numbers > most) return undefined;
    this.remove(first);
    if (this.#lanes.delete(campaign)) this.#lanes.set(campaign, lane);
    return first;
  }

  /** The numbers of the next so many messages, in the order in which `take` would give them. */
  ahead(most: number): number[] {
    const numbers: number[] = [];
    for (const { numbers: each } of this.#urgent) {
      if (numbers.length >= most) return numbers;
      numbers.push(each);
    }
    const lanes = [...this.#lanes.values()].map((lane) => lane.values());
    while (lanes.length > 0 && numbers.length < most) {
      for (let at = 0; at < lanes.length && numbers.length < most; ) {
        const next = lanes[at]?.next();
        if (next?.value) {
          numbers.push(next.value.numbers);
          at++;
        } else {
          lanes.splice(at, 1);
        }
      }
    }
    return numbers;
  }
}
