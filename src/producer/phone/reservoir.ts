/**
 * A sample of a stream of unknown length in which each has the same chance to be: all of it while it is short, and then
 * at the cost of one comparison for each that passes (Li's "algorithm L", which draws how many to let pass).
 * Its chance is the same every time, so that the same list gives the same sample.
 */
export class Reservoir {
  readonly items: string[] = [];
  readonly #size: number;
  /** How many have passed. */
  count = 0;
  /** At which the next is taken. */
  #next = Infinity;
  #weight = 1;
  #state = 0x9e3779b9;

  constructor(size: number) {
    this.#size = size;
  }

  take(item: string): void {
    this.count += 1;
    if (this.count <= this.#size) {
      this.items.push(item);
      if (this.count === this.#size) this.#skip();
    } else if (this.count === this.#next) {
      this.items[Math.floor(this.#chance() * this.#size)] = item;
      this.#skip();
    }
  }

  #skip(): void {
    this.#weight *= this.#chance() ** (1 / this.#size);
    const passing = Math.floor(Math.log(this.#chance()) / Math.log(1 - this.#weight));
    this.#next = this.count + passing + 1;
  }

  /** Above 0 and below 1, by Marsaglia's xorshift. */
  #chance(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return ((this.#state >>> 0) + 0.5) / 2 ** 32;
  }
}
