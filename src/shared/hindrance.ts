/**
 * What keeps a campaign's jobs from being run to their end, again and again, and that only workers notice. Whoever comes
 * upon it notes it in the campaign's hash; it is shown for a while after.
 */

/** By what is noted: in words, and what helps. */
const WORDS = {
  /** Noted by `worker/upkeep/put-back.lua`. */
  taken:
    'another program ended jobs of it unsent, or took them away, and they were put back; stop its worker, if it has one',
  newer: 'some of its jobs were written by a newer Volley; start a worker of that version',
} as const;
export type Hindrance = keyof typeof WORDS;

/** So long it is shown; it is noted anew at least once a minute. */
const SHOWN_MS = 120_000;

/** @param hindered as the campaign's hash has it  @param now Unix ms  @returns null where nothing was noted of late */
export function hindranceOf(hindered: string | undefined, now: number): string | null {
  const [kind, at] = hindered?.split(' ') ?? [];
  if (now - Number(at ?? 0) > SHOWN_MS) return null;
  return Object.entries(WORDS).find(([name]) => name === kind)?.[1] ?? null;
}

/** Whether these are words of a hindrance: then they say themselves what helps, and a `resume` does not. */
export function isHindrance(words: string): boolean {
  return Object.values(WORDS).some((each) => each === words);
}
