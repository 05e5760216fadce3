/** Names as small integers, to keep what is known of each number in typed arrays. */
export class Names {
  #names: string[] = [];
  #indexes = new Map<string, number>();

  indexOf(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.#names.push(name) - 1;
      this.#indexes.set(name, index);
    }
    return index;
  }

  at(index: number | undefined): string {
    return this.#names[index ?? -1] ?? '';
  }
}
