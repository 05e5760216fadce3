/**
 * Chooses the fault of a request: by a number it is for, by its template, by the template's own
 * name, by chance, in that order. It can be told otherwise at any time. Commits nothing.
 */
import { VolleyError } from '../shared/errors.ts';
import { randomFrom } from './chance.ts';
import type { Fault } from './fault.ts';
import { faultNamed } from './faults.ts';
import { numberKey } from './number.ts';
import { type AllFaultSettings, FaultSettings } from './options.ts';
import type { Order } from './order.ts';

const DEFAULTS: AllFaultSettings = {
  rates: {},
  on_template: {},
  on_number: {},
  bad_numbers: [],
  latency: 0,
  seed: 1,
};

export class Mischief {
  badNumbers: ReadonlySet<number> = new Set();
  #settings: AllFaultSettings = DEFAULTS;
  /** Each fault with the upper end of its share of [0, 1). */
  #byChance: { readonly below: number; readonly fault: Fault }[] = [];
  #byTemplate = new Map<string, Fault>();
  #byNumber = new Map<number, Fault>();
  #random = randomFrom(DEFAULTS.seed);
  #latencyRandom = randomFrom(DEFAULTS.seed);

  get settings(): AllFaultSettings {
    return this.#settings;
  }

  /** Changes nothing where any of it is wrong. */
  set(changes: unknown): void {
    const parsed = FaultSettings.safeParse(changes);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = ['faults', ...(issue?.path ?? [])].join('.');
      throw new VolleyError('bad_input', `${where}: ${issue?.message}`);
    }
    const settings = merged(this.#settings, parsed.data);
    const byChance = cumulative(settings.rates);
    const byTemplate = entries(settings.on_template, (template) => template);
    const byNumber = entries(settings.on_number, needNumber);
    const badNumbers = new Set(Array.from(settings.bad_numbers, needNumber));
    this.badNumbers = badNumbers;
    this.#byChance = byChance;
    this.#byTemplate = byTemplate;
    this.#byNumber = byNumber;
    this.#settings = settings;
    if (parsed.data.rates !== undefined || parsed.data.seed !== undefined) this.restart();
  }

  /** Begins the random numbers anew. */
  restart(): void {
    this.#random = randomFrom(this.#settings.seed);
    this.#latencyRandom = randomFrom(this.#settings.seed);
  }

  /**
   * One random number for each request, so that the n-th has the same fault whatever the others
   * were.
   */
  draw(): Fault | undefined {
    if (this.#byChance.length === 0) return undefined;
    const drawn = this.#random();
    return this.#byChance.find(({ below }) => drawn < below)?.fault;
  }

  choose(order: Order, drawn: Fault | undefined): Fault | undefined {
    if (this.#byNumber.size > 0) {
      for (const key of order.keys) {
        const fault = this.#byNumber.get(key);
        if (fault !== undefined) return fault;
      }
    }
    return this.#byTemplate.get(order.template) ?? faultNamed(order.template) ?? drawn;
  }

  latencyMs(): number {
    const { latency } = this.#settings;
    if (typeof latency === 'number') return latency;
    const [least, most] = latency;
    return least + this.#latencyRandom() * (most - least);
  }
}

/** An option that is there and `undefined` counts as not given. */
function merged(before: AllFaultSettings, changes: FaultSettings): AllFaultSettings {
  return {
    rates: changes.rates ?? before.rates,
    on_template: changes.on_template ?? before.on_template,
    on_number: changes.on_number ?? before.on_number,
    bad_numbers: [...(changes.bad_numbers ?? before.bad_numbers)],
    latency: changes.latency ?? before.latency,
    seed: changes.seed ?? before.seed,
  };
}

function entries<K>(faults: Record<string, string>, keyOf: (text: string) => K): Map<K, Fault> {
  return new Map(Object.entries(faults).map(([text, name]) => [keyOf(text), needFault(name)]));
}

function cumulative(rates: Record<string, number>): { below: number; fault: Fault }[] {
  let below = 0;
  const shares = Object.entries(rates).map(([name, share]) => {
    below += share;
    return { below, fault: needFault(name) };
  });
  // A little over 1 is what adding up tenths comes to.
  if (below > 1 + 1e-9) {
    throw new VolleyError('bad_input', `faults: the rates add up to ${below}, expected at most 1`);
  }
  return shares;
}

function needFault(name: string): Fault {
  const fault = faultNamed(name);
  if (fault !== undefined) return fault;
  throw new VolleyError(
    'bad_input',
    `faults: no fault is called "${name}"; volley sandbox --help lists them`,
  );
}

function needNumber(text: string): number {
  const key = numberKey(text);
  if (key !== 0) return key;
  throw new VolleyError('bad_input', 'faults: expected phone numbers such as +6591234567');
}
