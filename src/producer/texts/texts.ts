/**
 * What the recipients of a list will read and what that takes: segments of each text, characters that make them more,
 * and a few texts to look at. Memory does not grow with the list. It sends nothing.
 */
import type { Message } from '../../shared/job.ts';
import { Breather } from '../list/breather.ts';
import { notInGsm7, segmentsOf } from './segments.ts';
import { TemplateText } from './template-text.ts';

const SAMPLES = 3;
/** Distinct characters that are told apart; a text in another script has thousands. */
const MAX_CHARACTERS = 50;

/** What the recipients will read, by the text of the template. */
export interface TextsTotals {
  /** Segments of the text of one recipient; `total` is over all recipients. */
  readonly segments: { min: number; median: number; max: number; total: number };
  /** Characters outside GSM-7, those with the most recipients first, and the first text with each. */
  readonly notGsm7: readonly { character: string; recipients: number; example: string }[];
  /** Recipients whose text has any of them. */
  readonly notGsm7Recipients: number;
  /** The first few texts. */
  readonly samples: readonly string[];
  readonly unusedParams: readonly string[];
}

export class Texts {
  readonly #text: TemplateText;
  readonly #breather = new Breather();
  readonly #samples: string[] = [];
  /** Recipients by how many segments their text has. */
  readonly #bySegments = new Map<number, number>();
  readonly #characters = new Map<string, { recipients: number; example: string }>();
  #notGsm7 = 0;
  #isBound = false;

  /** @throws VolleyError `bad_input` for an empty text */
  constructor(templateText: string) {
    this.#text = new TemplateText(templateText);
  }

  /** @throws VolleyError `bad_input` where a variable of the text is none of the params */
  async take(messages: readonly Message[], names: readonly string[]): Promise<void> {
    if (!this.#isBound) this.#text.bind(names);
    this.#isBound = true;
    for (const [to, values] of messages) {
      this.#look(this.#text.render(values), to.length);
      await this.#breather.give();
    }
  }

  get totals(): TextsTotals {
    const counts = [...this.#bySegments].sort(([some], [others]) => some - others);
    const recipients = counts.reduce((sum, [, count]) => sum + count, 0);
    return {
      segments: {
        min: counts[0]?.[0] ?? 0,
        median: middle(counts, recipients / 2),
        max: counts.at(-1)?.[0] ?? 0,
        total: counts.reduce((sum, [segments, count]) => sum + segments * count, 0),
      },
      notGsm7: [...this.#characters]
        .map(([character, found]) => ({ character, ...found }))
        .sort((some, others) => others.recipients - some.recipients),
      notGsm7Recipients: this.#notGsm7,
      samples: this.#samples,
      unusedParams: this.#text.unused,
    };
  }

  #look(text: string, recipients: number): void {
    const segments = segmentsOf(text);
    this.#bySegments.set(segments, (this.#bySegments.get(segments) ?? 0) + recipients);
    if (this.#samples.length < SAMPLES) this.#samples.push(text);
    const foreign = notInGsm7(text);
    if (foreign.size > 0) this.#notGsm7 += recipients;
    for (const character of foreign) {
      const known = this.#characters.get(character);
      if (known) known.recipients += recipients;
      else if (this.#characters.size < MAX_CHARACTERS) {
        this.#characters.set(character, { recipients, example: text });
      }
    }
  }
}

function middle(counts: readonly (readonly [number, number])[], half: number): number {
  let seen = 0;
  for (const [segments, count] of counts) {
    seen += count;
    if (seen >= half) return segments;
  }
  return 0;
}
