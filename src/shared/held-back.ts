/** BullMQ's scores of delayed jobs are ms × 4096, and must stay exact: a canary's rest has this one or more, in 2036. */
const HELD_MS = 2_100_000_000_000;
const SCORE_UNIT = 4096;
export const HELD_SCORE = HELD_MS * SCORE_UNIT;
