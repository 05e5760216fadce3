/**
 * Audit lines as a list that `volley send` reads: a row for each number, with the params it was sent with. A list has
 * one set of params, so that no text goes out with a hole in it.
 */
import type { AuditLine } from '../../producer/producer.ts';
import { VolleyError } from '../../shared/errors.ts';
import { writeNames } from '../../shared/name-list.ts';
import { shellWord } from '../../shared/shell.ts';
import { csvLine } from './csv.ts';
import { counted } from './figures.ts';

/** Columns that `volley send` would take for the number. */
const PHONE_COLUMNS: readonly string[] = ['phone', 'to', 'mobile'];

export class AuditList {
  readonly #isNdjson: boolean;
  #names: readonly string[] | undefined;
  #rows = 0;
  #template = '';
  #hasEmpty = false;

  /** @param file by its ending it is NDJSON or CSV */
  constructor(file: string | undefined) {
    this.#isNdjson = /\.(ndjson|jsonl)$/.test(file ?? '');
  }

  /** @throws VolleyError `bad_input` for a message whose params have other names than the first one's */
  format(line: AuditLine): string {
    const to = line.to.filter((number) => !line.opted_out.includes(number));
    if (to.length === 0) return '';
    const begin = this.#begin(line);
    this.#rows += to.length;
    if (this.#isNdjson) {
      return to
        .map((number) => `${JSON.stringify({ to: number, params: line.params })}\n`)
        .join('');
    }
    const values = Object.values(line.params);
    this.#hasEmpty ||= values.includes('');
    return begin + to.map((number) => csvLine([number, ...values])).join('');
  }

  /** What there is to say at the end: how much, and the command that sends it. */
  closing(file: string): string {
    const names = this.#names ?? [];
    const params = names.length > 0 ? ` --params ${shellWord(writeNames(names))}` : '';
    const phone = names.some((name) => PHONE_COLUMNS.includes(name.toLowerCase()));
    const more = `${phone && !this.#isNdjson ? ' --phone-column phone' : ''}${this.#hasEmpty ? ' --allow-empty' : ''}`;
    const send = `volley send ${shellWord(file)} --template ${shellWord(this.#template)}${params}${more}`;
    const rows = `${counted(this.#rows, 'row')} written to ${file}`;
    return this.#rows > 0 ? `${rows}; to send it again: ${send}` : rows;
  }

  #begin(line: AuditLine): string {
    const names = Object.keys(line.params);
    if (this.#names !== undefined) {
      if (names.length === this.#names.length && names.every((name) => this.#names?.includes(name)))
        return '';
      throw new VolleyError(
        'bad_input',
        `${line.message}: expected the params ${listed(this.#names)}, as in the messages before it, got ` +
          `${listed(names)}; a list has one set of them, so narrow it with --state or --code`,
      );
    }
    const twin = names.find((name) => name.toLowerCase() === 'phone' || name !== name.trim());
    if (!this.#isNdjson && twin !== undefined) {
      throw new VolleyError(
        'bad_input',
        `a param is called ${JSON.stringify(twin)}, which a CSV cannot have beside the number; write NDJSON, as in --out again.ndjson`,
      );
    }
    this.#names = names;
    this.#template = line.template;
    return this.#isNdjson ? '' : csvLine(['phone', ...names]);
  }
}

function listed(names: readonly string[]): string {
  return names.length > 0 ? names.join(',') : '(none)';
}
