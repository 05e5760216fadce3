/**
 * The rows of a list that are no recipients: counted by reason, the first few of each kept for the screen, and all
 * of them written in full to `--rejects`. The screen shows no whole number; the file does.
 */
import type { InvalidReason, InvalidRow } from '../../producer/producer.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { warn } from '../terminal/output.ts';
import type { OutputFile } from '../terminal/output-file.ts';
import { csvLine } from '../view/csv.ts';
import { counted } from '../view/figures.ts';

const SHOWN = 3;

const WORDS: Readonly<Record<InvalidReason, string>> = {
  bad_number: 'without a usable number',
  not_textable: 'with a number that cannot be texted, or costs a fortune',
  broken_value: "with a spreadsheet's error in place of a value",
  missing_param: 'without one of the params',
  bad_param: 'with a param that is no text',
  unknown_param: 'with a param that the first row does not have',
  wrong_cells: 'with something in a cell beyond the header',
  bad_json: 'that cannot be read as JSON',
  part_unread: 'whose number was taken, though not all could be read',
  bad_row: 'with JSON of another form',
};

export class InvalidRows {
  readonly #file: OutputFile | undefined;
  readonly #byReason = new Map<InvalidReason, { count: number; first: string[] }>();
  count = 0;

  constructor(file: OutputFile | undefined) {
    this.#file = file;
  }

  async take(rows: readonly InvalidRow[]): Promise<void> {
    if (this.count === 0) await this.#file?.write(csvLine(['line', 'reason', 'detail', 'row']));
    this.count += rows.length;
    for (const { line, reason, detail } of rows) {
      const known = this.#byReason.get(reason) ?? { count: 0, first: [] };
      this.#byReason.set(reason, known);
      known.count++;
      if (known.first.length < SHOWN) known.first.push(`line ${line}: ${detail}`);
    }
    const text = rows.map(({ line, reason, detail, raw }) => csvLine([line, reason, detail, raw]));
    await this.#file?.write(text.join(''));
  }

  /** The whole list has been read: the file is there from here on. @throws VolleyError `unavailable` */
  async finish(): Promise<void> {
    if (this.count === 0) await this.#file?.write(csvLine(['line', 'reason', 'detail', 'row']));
    await this.#file?.keep();
  }

  /** After a failure: kept where the list itself was bad and there is something in it to mend. Hides no other error. */
  async closeAfter(failure: unknown): Promise<void> {
    const isListBad = failure instanceof VolleyError && failure.code === 'bad_input';
    try {
      if (isListBad && this.count > 0) await this.#file?.keep();
    } catch (error) {
      warn(describeError(error));
    } finally {
      await this.discard();
    }
  }

  /** After `finish` it changes nothing. */
  async discard(): Promise<void> {
    await this.#file?.discard();
  }

  lines(): string[] {
    return [...this.#byReason].flatMap(([reason, { count, first }]) => [
      `${counted(count, 'row')} ${WORDS[reason]} (${reason})`,
      ...first.map((line) => `  ${line}`),
      ...(count > first.length ? [`  and ${counted(count - first.length, 'more row')}`] : []),
    ]);
  }
}
