/** A phone number in E.164 with its `+`: 7 to 15 digits, the first not 0. */
export const E164 = /^\+[1-9]\d{6,14}$/;

/** `+6591234567` → `+65****4567`: enough to recognise, too little to call. Source: docs/design/command.md, "What is shown". */
export function maskPhone(number: string): string {
  const digits = [...number].filter((letter) => DIGIT.test(letter));
  if (digits.length < 7) return '+****';
  const last = digits.slice(digits.length < 9 ? -2 : -4);
  return `+${digits.slice(0, 2).join('')}****${last.join('')}`;
}

/** Of any script: EngageLab may write a number as the customer's list did. */
const DIGIT = /\p{Nd}/u;
/** What people write between the digits of one number: blanks, dashes, dots, strokes, brackets, and what nobody sees. */
const BETWEEN = String.raw`[\s\p{Zs}\p{Cf}\p{Pd}\-./()\[\]_·\u2212\uff0e\uff0f]{1,4}`;
/** Digits with no more between them than may stand within a number; a plus, of either width, begins one. */
const RUN = new RegExp(String.raw`[+＋]?(?:\(\s?)?\p{Nd}+(?:${BETWEEN}\p{Nd}+)*`, 'gu');
const GROUP = /\p{Nd}+/gu;
/** A date as in ISO 8601, or an address with its port, is no number. */
const NO_NUMBER =
  /(?<![\p{Nd}+＋])(?:(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\p{Nd})|\d{1,3}(?:\.\d{1,3}){3}:\d)/gu;

const LEAST = 7;
/** Codes may stand side by side, as in `1000 5001`: what is in pieces and says nothing of being a number has this many. */
const LEAST_IN_PIECES = 8;
const MOST = 15;

/**
 * Masks every number in a text, however it is spelt, so that what EngageLab quotes stays out of logs. Runs of 16 digits
 * and more are ids. In doubt it masks: better one that was none than one that is shown.
 */
export function maskPhonesIn(text: string): string {
  // Nearly all texts have no digits in a row that could be one.
  if (!DIGIT.test(text)) return text;
  let shown = '';
  let from = 0;
  for (const { 0: kept, index } of text.matchAll(NO_NUMBER)) {
    shown += text.slice(from, index).replace(RUN, maskRun) + kept;
    from = index + kept.length;
  }
  return shown + text.slice(from).replace(RUN, maskRun);
}

function maskRun(run: string): string {
  const groups = run.match(GROUP) ?? [];
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const isPlain = groups.length === 1 || /^[+＋]|^\(?00/u.test(run);
  if (count < (isPlain ? LEAST : LEAST_IN_PIECES)) return run;
  if (count <= MOST) return maskPhone(run);
  // An id has no plus.
  if (groups.length === 1) return /^[+＋]/u.test(run) ? maskPhone(run) : run;
  // Several numbers, or an id beside one. Those that are whole in a group are masked each; pieces are masked together.
  const isId = (group: string) => group.length > MOST;
  if (!groups.some(isId))
    return groups.every((each) => each.length < LEAST) ? maskPhone(run) : maskEach(run);
  return run
    .split(new RegExp(String.raw`(\p{Nd}{${MOST + 1},})`, 'u'))
    .map(maskPiece)
    .join('');

  function maskPiece(piece: string): string {
    return isId(piece) ? piece : piece.replace(RUN, maskRun);
  }
}

/** Each group by itself, and what is too short for a number with the group before it. */
function maskEach(run: string): string {
  return run.replace(GROUP, (group) => (group.length < LEAST ? '****' : maskPhone(group)));
}
