/**
 * A list of bare numbers, one a line and without a header, made into one that has a header, so that the readers of
 * lists can read it. Whether it is one its first line tells.
 */
const HEADER = Buffer.from('phone\n');
/** Digits with what people write between them, maybe in quotes; a header has letters. */
const NUMBER = /^["']?[\s+()./\d\u2010-\u2015-]*["']?,?$/u;

/** @param beginning of its text */
export function isPlain(beginning: Buffer): boolean {
  const line = (/^\s*([^\r\n]*)/.exec(beginning.toString('utf8'))?.[1] ?? '').trim();
  return NUMBER.test(line) && (line.match(/\d/g)?.length ?? 0) >= 5;
}

/** One line more than there was. */
export async function* withHeader(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield HEADER;
  yield* pieces;
}
