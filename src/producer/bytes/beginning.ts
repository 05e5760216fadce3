/** The first bytes of a list, looked at before it is read, and given back with all others. Judges nothing. */

/**
 * @param size how many bytes are wanted; there are fewer only where there are no more
 * @returns the beginning, and all pieces, those looked at included
 */
export async function peek(
  pieces: AsyncIterable<Buffer>,
  size: number,
): Promise<{ beginning: Buffer; pieces: AsyncIterable<Buffer> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  const looked: Buffer[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (let length = 0; length < size && failure === undefined; ) {
    try {
      const { value, done } = await iterator.next();
      if (done) break;
      // A copy: a piece of a file holds only until the next is asked for.
      looked.push(Buffer.from(value));
      length += value.byteLength;
    } catch (error) {
      failure = { error };
    }
  }
  // What came before it is read, for whoever takes what there is.
  if (failure !== undefined && looked.length === 0) throw failure.error;
  return { beginning: Buffer.concat(looked), pieces: again(looked, iterator, failure) };
}

/** What has been looked at, and then the rest, or what failed. */
async function* again(
  looked: readonly Buffer[],
  iterator: AsyncIterator<Buffer>,
  failure: { readonly error: unknown } | undefined,
): AsyncGenerator<Buffer> {
  try {
    yield* looked;
    if (failure !== undefined) throw failure.error;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
