/** Waiting for an answer, but not for ever. */

/** A caller is told within this whether it was taken. */
export const ANSWER_MS = 2000;

/**
 * The value of `work`, or a rejection once `ms` have passed without it. An answer that has arrived by then counts, also
 * where this process was too busy to look: timers come before what the sockets have brought, so that is looked at first.
 */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => expiry.reject(late())), Math.max(0, ms));
  try {
    return await Promise.race([work, expiry.promise]);
  } finally {
    clearTimeout(timer);
  }
}
