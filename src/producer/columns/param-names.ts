/** Names of params: what holds for them wherever they come from. */
import { VolleyError } from '../../shared/errors.ts';

/** Throws `VolleyError('bad_input')` for a name that is empty, named twice, or also a constant. */
export function checkNames(names: readonly string[], constants: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (name.trim() === '') refuse('expected a name for each param, got an empty one');
    if (seen.has(name)) refuse(`the param ${JSON.stringify(name)} is named twice`);
    seen.add(name);
    if (!constants.includes(name)) continue;
    refuse(
      `the param ${JSON.stringify(name)} is both a column of the list and a constant; choose one`,
    );
  }
  if (constants.some((name) => name.trim() === '')) {
    refuse('expected a name for each constant param, got an empty one');
  }
}

/** Throws `VolleyError('bad_input')` for a fallback of what is no param of the rows. */
export function checkFallbacks(
  fallbacks: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): void {
  const stray = Object.keys(fallbacks ?? {}).find((name) => !names.includes(name));
  if (stray === undefined) return;
  const known = names.map((name) => JSON.stringify(name)).join(', ');
  refuse(
    `fallback: expected a param of the list's rows, got ${JSON.stringify(stray)}; ` +
      (known === '' ? 'no param is taken from them' : `they have ${known}`),
  );
}

/**
 * For lists whose rows name their params themselves. That somebody's choice of columns is not followed must not show
 * in what people are sent.
 * @throws VolleyError `bad_input` for options that only a list with a header has
 */
export function refuseHeaderOptions(
  where: string,
  options: {
    columns?: Readonly<Record<string, string>> | undefined;
    headerRow?: number | undefined;
  },
): void {
  const why =
    'is for lists with a header (CSV, workbooks), and in this one each row names its params';
  if (Object.keys(options.columns ?? {}).length > 0) {
    refuse(`${where}: --column (columns) ${why}; give them the template's names there`);
  }
  if (options.headerRow !== undefined) refuse(`${where}: --header-row (headerRow) ${why}`);
}

function refuse(why: string): never {
  throw new VolleyError('bad_input', why);
}
