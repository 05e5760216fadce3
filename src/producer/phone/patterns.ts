/**
 * Regular expressions over digits, as numbering plans have them, made into graphs: digits, classes, groups,
 * alternatives, `?`, `{n}`, `{m,n}` and `$`. Anything else is an error: a plan is not to be understood by halves.
 */
import type { DigitGraphs } from './digit-graph.ts';

/** What stands before `rest`: the graph of the one, followed by the other. */
type Part = (rest: number) => number;

/** The value 1 for digits that match the whole pattern, else 0. @throws Error for what no plan has */
export function graphOf(graphs: DigitGraphs, pattern: string): number {
  return new PatternReader(graphs, pattern).read()(graphs.end);
}

const ALL_DIGITS = 0b11_1111_1111;
const either = (one: number, other: number) => one | other;

class PatternReader {
  readonly #graphs: DigitGraphs;
  readonly #pattern: string;
  #at = 0;

  constructor(graphs: DigitGraphs, pattern: string) {
    this.#graphs = graphs;
    this.#pattern = pattern;
  }

  read(): Part {
    const part = this.#alternatives();
    if (this.#at < this.#pattern.length) throw this.#unknown();
    return part;
  }

  #alternatives(): Part {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return (rest) =>
      parts.map((part) => part(rest)).reduce((a, b) => this.#graphs.join(a, b, either));
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#next)) {
      parts.push(this.#repeated(this.#single()));
    }
    return (rest) => parts.reduceRight((after, part) => part(after), rest);
  }

  #single(): Part {
    if (this.#take('$')) {
      return (rest) => (this.#graphs.valueOf(rest) === 0 ? this.#graphs.nothing : this.#graphs.end);
    }
    if (this.#take('(')) {
      this.#take('?:');
      const inner = this.#alternatives();
      if (!this.#take(')')) throw this.#unknown();
      return inner;
    }
    const digits = this.#take('[') ? this.#class() : this.#digits();
    return (rest) =>
      this.#graphs.node(0, (digit) =>
        (digits & (1 << digit)) === 0 ? this.#graphs.nothing : rest,
      );
  }

  #class(): number {
    let digits = 0;
    while (!this.#take(']')) {
      const first = this.#digits();
      if (!this.#take('-')) {
        digits |= first;
        continue;
      }
      // From the one bit to the other.
      const last = this.#digits();
      digits |= (last * 2 - 1) & ~(first - 1);
    }
    return digits;
  }

  /** One digit, or any, as a set of bits. */
  #digits(): number {
    if (this.#take('\\d')) return ALL_DIGITS;
    const digit = this.#next;
    if (!/^\d$/.test(digit)) throw this.#unknown();
    this.#at += 1;
    return 1 << Number(digit);
  }

  #repeated(part: Part): Part {
    if (this.#take('?')) return times(part, 0, 1, this.#optional);
    const found = /^\{(\d+)(?:,(\d+))?\}/.exec(this.#pattern.slice(this.#at));
    if (found === null) return part;
    this.#at += found[0].length;
    const least = Number(found[1]);
    return times(part, least, Number(found[2] ?? least), this.#optional);
  }

  readonly #optional = (one: number, other: number) => this.#graphs.join(one, other, either);

  get #next(): string {
    return this.#pattern[this.#at] ?? '';
  }

  #take(text: string): boolean {
    const isNext = this.#pattern.startsWith(text, this.#at);
    if (isNext) this.#at += text.length;
    return isNext;
  }

  #unknown(): Error {
    return new Error(`${this.#pattern}: expected the pattern of a plan, got more at ${this.#at}`);
  }
}

function times(
  part: Part,
  least: number,
  most: number,
  either: (one: number, other: number) => number,
): Part {
  return (rest) => {
    let graph = rest;
    for (let count = least; count < most; count++) graph = either(part(graph), rest);
    for (let count = 0; count < least; count++) graph = part(graph);
    return graph;
  };
}
