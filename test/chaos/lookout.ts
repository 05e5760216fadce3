/** Looks at a campaign's status all the time: each look must add up, whatever is going on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignStatus } from '../../src/producer/report/status.ts';
import { VolleyError } from '../../src/shared/errors.ts';

const EVERY_MS = 40;

export class Lookout {
  last: CampaignStatus | undefined;
  /** Looks that did not add up. */
  unbalanced = 0;
  readonly #look: () => Promise<CampaignStatus>;
  readonly #deadline: number;
  #looks = 0;
  #isOver = false;
  readonly #looking: Promise<void>;

  /** @param deadline on the monotonic clock: nothing is waited for any longer */
  constructor(look: () => Promise<CampaignStatus>, deadline: number) {
    this.#look = look;
    this.#deadline = deadline;
    this.#looking = this.#run();
    // Told by `stop`.
    this.#looking.catch(() => {});
  }

  /** Resolves at the first look from now on that says so; @returns false where none did */
  readonly until = async (isSo: (status: CampaignStatus) => boolean): Promise<boolean> => {
    const before = this.#looks;
    while (performance.now() < this.#deadline && !this.#isOver) {
      // The one that is under way may have begun before.
      if (this.last && this.#looks > before + 1 && isSo(this.last)) return true;
      await sleep(EVERY_MS / 2);
    }
    return false;
  };

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await sleep(EVERY_MS);
      try {
        this.last = await this.#look();
      } catch (error) {
        // Not begun yet, or withdrawn.
        if (error instanceof VolleyError && error.code === 'not_found') continue;
        this.#isOver = true;
        throw error;
      }
      this.#looks++;
      if (!this.last.balanced) this.unbalanced++;
    }
  }
}
