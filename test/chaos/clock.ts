/**
 * Loaded into a worker before anything else (`--import`): gives it a clock that is wrong, as `VOLLEY_CHAOS_CLOCK` says.
 *
 * ahead      `Date.now` is a day ahead of everybody else's
 * behind     `Date.now` is a day behind
 *
 * The others make a stop of its process (SIGSTOP) look like the suspension
 * of its machine, or its move to another one. Stopped, a process finds both its clocks gone on; after a suspension one
 * of them may have stood still, or been set back. Timers go on as they are.
 *
 * monotonic  `performance.now` has not seen the stop; the wall clock has
 * wall       `Date.now` is behind by twice the stop, until it is set right; the monotonic clock goes on
 */

const DAY_MS = 86_400_000;
/** Far beyond any turn of the event loop, and below the shortest suspension. */
const LEAST_MS = 700;
const TICK_MS = 20;
/** By then somebody has told the machine what time it is. */
const SET_RIGHT_MS = 1000;

const trueNow = performance.now.bind(performance);
const trueWall = Date.now;
const { VOLLEY_CHAOS_CLOCK: clock } = process.env;
let seenAt = trueNow();
/** By how much the clock is behind. */
let behindMs = 0;

/** Looked at by every use of the clock, too: what runs first after the stop must not see it either. */
function look(): void {
  const now = trueNow();
  const stoppedMs = now - seenAt;
  seenAt = now;
  if (stoppedMs < LEAST_MS) return;
  if (clock === 'monotonic') {
    behindMs += stoppedMs;
    return;
  }
  const backMs = Math.round(2 * stoppedMs);
  behindMs += backMs;
  setTimeout(() => {
    behindMs -= backMs;
  }, SET_RIGHT_MS).unref();
}

function behind(read: () => number): () => number {
  return () => {
    look();
    return read() - behindMs;
  };
}

if (clock === 'ahead') Date.now = () => trueWall() + DAY_MS;
if (clock === 'behind') Date.now = () => trueWall() - DAY_MS;
setInterval(look, TICK_MS).unref();
if (clock === 'monotonic') Object.defineProperty(performance, 'now', { value: behind(trueNow) });
if (clock === 'wall') Date.now = behind(trueWall);
