/**
 * SIGINT and SIGTERM for commands that have something to put in order first. A command that claims nothing dies of
 * a signal as any program does.
 */

let claimed: AbortSignal | undefined;

/**
 * From now on the first signal aborts what this returns, and the second ends the process at once (exit code 1).
 * Claimed twice, it is the same signal.
 */
export function claimSignals(): AbortSignal {
  if (claimed) return claimed;
  const stopping = new AbortController();
  const onSignal = () => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  claimed = stopping.signal;
  return claimed;
}

/** Resolves when the signal is aborted, also where it was so before. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
