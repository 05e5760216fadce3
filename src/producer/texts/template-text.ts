/**
 * The text of a template as EngageLab has it, `Hi {{name}}`: which variables stand in it, and how it reads with a
 * message's params. Only for looking at: what is sent is the template's id and the params.
 */
import { VolleyError } from '../../shared/errors.ts';

const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/g;

export class TemplateText {
  /** Text, then by turns a variable's name and the text after it. */
  readonly #pieces: readonly string[];
  readonly variables: readonly string[];
  #names: readonly string[] = [];
  /** For each variable as it stands there, which of the params it is. */
  #places: readonly number[] = [];

  constructor(text: string) {
    if (text.trim() === '') {
      throw new VolleyError(
        'bad_input',
        'template text: expected the text of the template, got none',
      );
    }
    this.#pieces = text.split(VARIABLE);
    this.variables = [...new Set(this.#pieces.filter((_piece, index) => index % 2 === 1))];
  }

  /**
   * Takes the names of the params that all messages have.
   * @throws VolleyError `bad_input` for variables that are none of them: they would be sent as they stand
   */
  bind(names: readonly string[]): void {
    this.#names = names;
    const variables = this.#pieces.filter((_piece, index) => index % 2 === 1);
    this.#places = variables.map((variable) => names.indexOf(variable));
    const missing = this.variables.filter((variable) => !names.includes(variable));
    if (missing.length === 0) return;
    const there = names.length === 0 ? 'no params' : `the params ${names.join(', ')}`;
    throw new VolleyError(
      'bad_input',
      `template text: expected a param for each variable, got none for ${missing
        .map((name) => `{{${name}}}`)
        .join(', ')}, which would go out literally; there are ${there}`,
    );
  }

  /** Params that do not stand in the text. */
  get unused(): readonly string[] {
    return this.#names.filter((name) => !this.variables.includes(name));
  }

  /** @param values in the order of the names that were bound */
  render(values: readonly string[]): string {
    let text = this.#pieces[0] ?? '';
    for (const [index, place] of this.#places.entries()) {
      text += (values[place] ?? '') + (this.#pieces[2 * index + 2] ?? '');
    }
    return text;
  }
}
