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
 * campaign is not held up by a large one, nor large messages by many small ones. It gives nothing.
 */
export class Waiters<Each extends Waiter> {
  readonly #urgent = new Set<Each>();
  /** The lane at the front is the one whose turn it is; none is empty. */
  readonly #lanes = new Map<string, Set<Each>>();
  #size = 0;

  get size(): number {
    return this.#size;
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

  /** Takes the one whose turn it is, and puts its campaign behind the others. */
  take(): Each | undefined {
    const [next] = this.#heads();
    return this.#takeHead(next);
  }

  /**
   * Takes the one that so many numbers were charged for: the next in turn that has as many, or else whose turn it is.
   * Nobody is taken if that one has more.
   */
  takeFor(numbers: number): Each | undefined {
    let next: Each | undefined;
    for (const head of this.#heads()) {
      if (head.numbers === numbers) return this.#takeHead(head);
      next ??= head;
    }
    return next && next.numbers < numbers ? this.#takeHead(next) : undefined;
  }

  /** The next so many, in the order in which `take` would give them. */
  ahead(most: number): Each[] {
    const next: Each[] = [];
    for (const urgent of this.#urgent) {
      if (next.length >= most) return next;
      next.push(urgent);
    }
    const lanes = [...this.#lanes.values()].map((lane) => lane.values());
    while (lanes.length > 0 && next.length < most) {
      for (let at = 0; at < lanes.length && next.length < most; ) {
        const first = lanes[at]?.next();
        if (first?.value) {
          next.push(first.value);
          at++;
        } else {
          lanes.splice(at, 1);
        }
      }
    }
    return next;
  }

  /** The first urgent one, and the first of each campaign in turn. */
  *#heads(): Generator<Each> {
    for (const urgent of this.#urgent) {
      yield urgent;
      break;
    }
    for (const [first] of this.#lanes.values()) {
      if (first) yield first;
    }
  }

  #takeHead(head: Each | undefined): Each | undefined {
    if (!head) return undefined;
    const { campaign } = head;
    const lane = this.#lanes.get(campaign);
    this.remove(head);
    if (!head.isUrgent && lane && this.#lanes.delete(campaign)) this.#lanes.set(campaign, lane);
    return head;
  }
}
