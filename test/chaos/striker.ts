import type { Fate, Point } from './points.ts';
import type { Place, Stage, Victim } from './stage.ts';

export interface Strike {
  at: Point;
  /** The how manieth time that this point is passed, by whomever, from 1. */
  nth: number;
  victim: Victim;
}

const MOST_PASSAGES = 8;

interface Suspended {
  wake: () => void;
}
interface Trap {
  at: Point;
  /** Let through before. */
  passages: number;
  close: (suspended: Suspended) => void;
}

/** Counts what passes which point, and makes something fail, or a machine stand still, where that is asked for. */
export class Striker {
  struck = 0;
  /** Nothing fails any more. */
  isOver = false;
  readonly #strikes: readonly Strike[];
  readonly #random: () => number;
  readonly #passed = new Map<Point, number>();
  #trap: Trap | undefined;

  constructor(strikes: readonly Strike[], random: () => number) {
    this.#strikes = strikes;
    this.#random = random;
  }

  async pass(stage: Stage, point: Point, place: Place): Promise<Fate> {
    const trap = this.#trap;
    if (trap?.at === point && place !== 'producer' && --trap.passages < 0) {
      stage.suspend(place);
      trap.close({ wake: () => stage.wake(place) });
      this.#trap = undefined;
      return 'pass';
    }
    const nth = (this.#passed.get(point) ?? 0) + 1;
    this.#passed.set(point, nth);
    const strike = this.#strikes.find((each) => each.at === point && each.nth === nth);
    if (strike === undefined || this.isOver) return 'pass';
    this.struck++;
    return stage.strike(strike.victim, point, place);
  }

  /** @param end then it is not waited for any longer */
  suspendAt(at: Point, end: Promise<unknown>): Promise<Suspended | undefined> {
    return new Promise((close) => {
      this.#trap = { at, passages: Math.floor(MOST_PASSAGES * this.#random()), close };
      void end.then(() => close(undefined));
    });
  }
}
