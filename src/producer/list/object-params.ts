/**
 * Picks the chosen params from the params object of a row (NDJSON, rows given by a program).
 * Where all are taken, the first row names them, for the names are fixed once a job: a later row that lacks one or has
 * another is invalid, so that no text ever goes out with a hole or without something that was meant for it. A param
 * that has a fallback may be missing: then it is empty, and what is made of that is decided in `recipient.ts`.
 */
import { checkNames } from '../columns/param-names.ts';
import type { RowFault } from '../rows/row.ts';
import type { LooseReader } from './options.ts';

export class ObjectParams {
  readonly #constants: readonly string[];
  readonly #all: boolean;
  readonly #fallbacks: readonly string[];
  #names: readonly string[] | undefined;
  #unseen: readonly string[] = [];
  /** Where only numbers count: what makes a row of a value instead. */
  readonly loose: LooseReader | undefined;

  /** @param fallbacks names of params that may be missing */
  constructor(
    params: readonly string[] | 'all' | undefined,
    constants: readonly string[],
    fallbacks: readonly string[] = [],
    loose?: LooseReader,
  ) {
    this.loose = loose;
    this.#constants = constants;
    this.#fallbacks = fallbacks;
    this.#all = params === undefined || params === 'all';
    if (params === undefined || params === 'all') return;
    checkNames(params, constants);
    this.#names = params;
  }

  /** The names, none before a first row has named them. */
  get names(): readonly string[] {
    return this.#names ?? [];
  }

  /** Where all are taken: the names that no row has had so far. The first row may lack one that has a fallback. */
  get unseen(): readonly string[] {
    return this.#unseen;
  }

  /** The values in the order of the names, or what is wrong. */
  pick(params: object): string[] | RowFault {
    this.#names ??= this.#nameFrom(params);
    if (this.#unseen.length > 0) this.#unseen = withoutOwn(this.#unseen, params);
    const values: string[] = [];
    for (const name of this.#names) {
      const value: unknown = Object.hasOwn(params, name) ? Reflect.get(params, name) : undefined;
      const isMissing = value === undefined || value === null;
      const text = isMissing && this.#fallbacks.includes(name) ? '' : textOf(value);
      if (text === undefined) return faultOf(name, value);
      values.push(text);
    }
    if (this.#all) {
      const extra = Object.keys(params).find((name) => !this.names.includes(name));
      if (extra !== undefined) return unknownParam(extra);
    }
    return values;
  }

  #nameFrom(params: object): string[] {
    const names = Object.keys(params);
    checkNames(names, this.#constants);
    this.#unseen = withoutOwn(this.#fallbacks, params).filter(
      (name) => !this.#constants.includes(name),
    );
    return [...names, ...this.#unseen];
  }
}

function withoutOwn(names: readonly string[], params: object): string[] {
  return names.filter((name) => !Object.hasOwn(params, name));
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? undefined : value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return undefined;
}

function faultOf(name: string, value: unknown): RowFault {
  const param = `the param ${JSON.stringify(name)}`;
  if (value === undefined || value === null) {
    return { reason: 'missing_param', detail: `expected ${param}, got none` };
  }
  const got = Array.isArray(value) ? 'an array' : typeof value;
  const what = typeof value === 'string' ? 'a NUL character in it' : got;
  return {
    reason: 'bad_param',
    detail: `expected ${param} as text, a finite number or a boolean, got ${what}`,
  };
}

function unknownParam(name: string): RowFault {
  const shown = JSON.stringify(name.slice(0, 64));
  const detail = `the param ${shown} is not among those of the first row; choose params by name`;
  return { reason: 'unknown_param', detail };
}
