/** Which format a list has: by what somebody says, by the ending of its name, by its first bytes. Reads no row. */
import { basename, extname } from 'node:path';
import { VolleyError } from '../../shared/errors.ts';
import type { ListFormat } from './options.ts';

const FORMATS: Readonly<Record<string, ListFormat | undefined>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'json',
  '.xlsx': 'xlsx',
};
const EXPECTED = 'expected one array, [{"to": …}, …], or one such object a line';

/** As in `.csv`, also of `list.csv.gz`; empty where there is none. */
export function endingOf(path: string): string {
  return extname(withoutGz(path)).toLowerCase();
}

/** `list` of `list.csv` and `list.csv.gz`. */
export function nameWithoutEndings(path: string): string {
  const name = withoutGz(path);
  // Of `customers.v2.gz` only that which says something of its format.
  const isEnding = name === basename(path) || FORMATS[endingOf(path)] !== undefined;
  return isEnding ? name.replace(/\.[^.]*$/, '') : name;
}

function withoutGz(path: string): string {
  return basename(path).replace(/\.gz$/i, '');
}

export function formatOfEnding(ending: string): ListFormat | undefined {
  return FORMATS[ending];
}

/**
 * @param known what is said, or its ending says
 * @param beginning of its text
 * @throws VolleyError `bad_input` for JSON in another shape
 */
export function formatOf(
  known: Exclude<ListFormat, 'xlsx'> | undefined,
  beginning: Buffer,
  name: string,
): Exclude<ListFormat, 'xlsx'> {
  if (known === 'csv' || known === 'ndjson') return known;
  const text = beginning.toString('utf8').trimStart();
  if (beginsArray(text, known)) return 'json';
  if (text.startsWith('{')) {
    refuseOneObject(text, name);
    return 'ndjson';
  }
  if (known === undefined || text === '') return known ?? 'csv';
  throw new VolleyError('bad_input', `${name}: ${EXPECTED}, got what begins with neither`);
}

/** The same of a list whose numbers alone count, and that is refused for no shape. */
export function looseFormatOf(
  known: ListFormat | undefined,
  beginning: Buffer,
): 'csv' | 'ndjson' | 'json' {
  if (known === 'csv' || known === 'ndjson') return known;
  const text = beginning.toString('utf8').trimStart();
  if (beginsArray(text, known)) return 'json';
  return text.startsWith('{') || known === 'json' ? 'ndjson' : 'csv';
}

/** A header may begin with a bracket, too: `[phone],[name]`. */
function beginsArray(text: string, known: ListFormat | undefined): boolean {
  return text.startsWith('[') && (known === 'json' || /^\[\s*[[\]{"\d-]/.test(text));
}

/** One object that is the whole list: with the rows somewhere in it, or written over several lines. */
function refuseOneObject(text: string, name: string): void {
  let depth = 0;
  let line = 1;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[[\]{}\n]/g)) {
    if (token === '[' && depth === 1) {
      const before = text.slice(0, index);
      const key = /"([^"\\\n]{1,64})"\s*:\s*$/.exec(before)?.[1];
      if (key !== undefined && !/"to"\s*:/.test(before)) refuseHolder(name, key);
    }
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 0) break;
    // A string that does not end on its line is a broken row.
    if (/^"(?:[^"\\]|\\.)*$/.test(token)) return;
    if (token !== '\n') continue;
    line += 1;
    if (line === 2 && !/[[{,:]\s*$/.test(text.slice(0, index))) return;
  }
  if (line > 1) refuseLong(name);
}

function refuseHolder(name: string, key: string): never {
  const how = /^\w+$/.test(key) ? `, as with jq .${key}` : '';
  const got = `got one object that holds an array, ${JSON.stringify(key)}`;
  throw new VolleyError('bad_input', `${name}: ${EXPECTED}, ${got}; take that out of it${how}`);
}

function refuseLong(name: string): never {
  const got = 'got an object over several lines; put [ and ] around it, or write it on one line';
  throw new VolleyError('bad_input', `${name}: ${EXPECTED}, ${got}`);
}
