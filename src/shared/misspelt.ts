/**
 * Variables that look like settings and are none: a `VOLLEY_RATES` that is passed over in silence sends at another rate
 * than somebody meant. Pure: names go in, and no value is ever shown. What the settings are is told by `config.ts`.
 */

/** How settings begin. What begins otherwise may be anybody's. */
const BEGINNING = /^(?:volley|engagelab)_/i;
/** A slip of the finger in `VOLLEY_` itself. */
const SLIPS = 2;
/** Kubernetes tells every container of a service named `volley`, and of its parts, by variables of these forms. */
const OF_KUBERNETES =
  /_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?)$/;
/** The programs beside this one read these: the tests, and nothing else. */
const OF_TESTS = new Set(['VOLLEY_TEST_DOCKER', 'VOLLEY_CHAOS_CLOCK']);

/**
 * A line for each variable that is set and no setting, with the nearest one where there is one.
 * @param names of the variables that are set @param known names of the settings
 */
export function misspeltSettings(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !known.includes(name) && !OF_TESTS.has(name) && looksMeant(name, known))
    .map((name) => {
      const meant = nearest(name.toUpperCase(), known);
      if (meant === undefined) return `${name} is no setting; volley worker --help lists them`;
      return `${name} is no setting; did you mean ${meant}?`;
    });
}

function looksMeant(name: string, known: readonly string[]): boolean {
  if (BEGINNING.test(name)) return !OF_KUBERNETES.test(name);
  return known.some((each) => BEGINNING.test(each) && edits(name, each) <= SLIPS);
}

/** The setting a few letters away, else the one that has the most words in common with it. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const end = name.replace(BEGINNING, '');
  const allowed = Math.max(SLIPS, Math.floor(end.length * 0.4));
  const [closest] = known
    .map((each) => ({ each, away: edits(name, each) }))
    .filter(({ each, away }) => BEGINNING.test(each) && away <= allowed)
    .sort((a, b) => a.away - b.away);
  if (closest) return closest.each;
  const words = new Set(end.split('_'));
  const isFile = (each: string) => each.endsWith('_FILE');
  const [first, second] = known
    .filter((each) => BEGINNING.test(each) && isFile(each) === isFile(name))
    .map((each) => ({ each, shared: each.split('_').filter((word) => words.has(word)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared);
  // Where two are as near, either would be a guess.
  return first && first.shared > (second?.shared ?? 0) ? first.each : undefined;
}

/** The one of `known` that may have been meant: a few letters away, however they are written. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const allowed = Math.max(SLIPS, Math.floor(name.length * 0.3));
  const [closest] = known
    .map((each) => ({ each, away: edits(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away);
  return closest?.each;
}

/** Letters put in, left out, changed, or swapped with the next: the fewest that make one text of the other. */
function edits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_none, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let at = 1; at <= to.length; at++) {
      const isSame = from[row - 1] === to[at - 1];
      const isSwap = from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1];
      next[at] = Math.min(
        (last[at] ?? 0) + 1,
        (next[at - 1] ?? 0) + 1,
        (last[at - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforeLast[at - 2] ?? Number.POSITIVE_INFINITY) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = next;
  }
  return last[to.length] ?? 0;
}
