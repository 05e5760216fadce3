/** Which line a text has come to, piece by piece. Lines end with LF, CR, or both. */
export class LineCount {
  /** Counted from 1. */
  line = 1;
  #endsInReturn = false;

  take(text: string): void {
    if (text === '') return;
    this.line += text.match(/\r\n|\r|\n/g)?.length ?? 0;
    // The two belong together, and were counted as two.
    if (this.#endsInReturn && text.startsWith('\n')) this.line -= 1;
    this.#endsInReturn = text.endsWith('\r');
  }
}
