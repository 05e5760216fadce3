/**
 * The first byte of a request leaves within so long of the moment its attempt was asked for, or not at all: then the
 * attempt is closed as never written, and asked for anew. So whoever has shut a campaign's gate knows, after waiting for
 * as long, that nothing further leaves: without asking any worker, and whatever their clocks say, for both sides
 * measure durations only. Source: docs/design.md, "Pause, resume, cancel".
 */
export const FIRST_BYTE_MS = 1000;

/** For the way from the last look at the clock to the wire. */
const MARGIN_MS = 250;

/** How long after the gate was shut an attempt that had been opened before may still leave, ms. */
export const LAST_LEAVING_MS = FIRST_BYTE_MS + MARGIN_MS;
