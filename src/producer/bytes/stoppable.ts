/**
 * An async iterable that an AbortSignal ends, also while it waits for its next value: a program
 * that is told to stop must not hang on a silent pipe or a slow database cursor.
 */

/** The same values; rejects with the signal's reason as soon as it is aborted. */
export async function* stoppable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  // One listener for all: racing each step with one long-lived promise would leak a reaction a step.
  let stop: (() => void) | undefined;
  const onAbort = () => stop?.();
  signal.addEventListener('abort', onAbort);
  let done = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        stop = () => reject(signal.reason);
        iterator.next().then(resolve, reject);
      });
      if (result.done) {
        done = true;
        return;
      }
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not waited for where it was stopped: a generator that hangs in its own await would hang here, too.
    if (!done) {
      const closing = Promise.resolve(iterator.return?.());
      if (signal.aborted) closing.catch(() => undefined);
      else await closing;
    }
  }
}
