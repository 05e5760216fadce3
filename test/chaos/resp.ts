/** As much of Redis's protocol as it takes to see which command passes, and where its reply ends. */

const CRLF = '\r\n';
/** Frames whose number counts the elements that follow; `%` and `|` count pairs. */
const AGGREGATES = { '*': 1, '~': 1, '>': 1, '%': 2, '|': 2 } as const;

/** The end of the frame that begins at `from`; undefined while it is not all there. Bytes as latin1 text. */
export function frameEnd(text: string, from: number): number | undefined {
  const line = text.indexOf(CRLF, from);
  if (line < 0) return undefined;
  const kind = text[from] ?? '';
  const size = Number(text.slice(from + 1, line));
  let end = line + CRLF.length;
  if (kind === '$' || kind === '=' || kind === '!') {
    if (size >= 0) end += size + CRLF.length;
    return end <= text.length ? end : undefined;
  }
  const each = isAggregate(kind) ? AGGREGATES[kind] : 0;
  // An attribute comes before the frame that it is of.
  const parts = Math.max(0, size * each) + (kind === '|' ? 1 : 0);
  for (let part = 0; part < parts; part++) {
    const next = frameEnd(text, end);
    if (next === undefined) return undefined;
    end = next;
  }
  return end;
}

function isAggregate(kind: string): kind is keyof typeof AGGREGATES {
  return kind in AGGREGATES;
}

/** The words of a command, as a client writes them. */
export function wordsOf(frame: string): string[] {
  const words: string[] = [];
  let at = frame.indexOf(CRLF) + CRLF.length;
  while (at < frame.length) {
    const line = frame.indexOf(CRLF, at);
    const size = Number(frame.slice(at + 1, line));
    words.push(frame.slice(line + CRLF.length, line + CRLF.length + size));
    at = line + CRLF.length + size + CRLF.length;
  }
  return words;
}

/** The steps that a script takes, told by the keys it is given, whatever its text is. */
export type Step =
  | ('grant' | 'open' | 'close' | 'end')
  | ('add' | 'release')
  | ('begin' | 'take' | 'move' | 'requeue' | 'mark' | 'conclude')
  | 'control'
  | 'find';

export function stepOf(words: readonly string[]): Step | undefined {
  const [command = '', key = '', count = '0'] = words;
  // As long as the opt-out list is empty, nobody looks further.
  if (/^get$/i.test(command)) return key.endsWith('{suppressed}:count') ? 'find' : undefined;
  if (!/^evalsha$|^eval$/i.test(command)) return undefined;
  const keys = words.slice(3, 3 + Number(count));
  const [first = '', second = ''] = keys;
  const more = words[3 + keys.length] ?? '';
  const has = (end: string) => keys.some((key) => key.endsWith(end));
  if (first.endsWith('{fleet}:pacer')) return 'grant';
  if (first.endsWith('{suppressed}:count')) return /^S(ADD|REM)$/.test(more) ? undefined : 'find';
  // Looking for jobs that are gone is no step of a message.
  if (first.endsWith('~gone')) return undefined;
  if (first.endsWith('~replaying')) return 'mark';
  if (first.endsWith('~replays')) return 'conclude';
  if (second.endsWith('~replays')) return 'begin';
  if (has('~replaying')) return first.includes('~ledger:') ? 'take' : 'move';
  if (first.endsWith('~campaign') && has('}:active')) return 'control';
  if (first.includes('~ledger:')) return second.endsWith(':lock') ? 'open' : 'close';
  if (has('~lease')) return has('}:wait') ? 'release' : undefined;
  if (has('}:id')) return 'add';
  // BullMQ's end of a job names one of these two and no id to be given out; so does its way back.
  if (!has('}:completed') && !has('}:failed')) return undefined;
  return has('}:stalled') ? 'end' : 'requeue';
}
