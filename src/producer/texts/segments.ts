/**
 * How many SMS a text takes. The library that knows takes half a millisecond for a text, too long for millions of
 * them; so it is asked about each character once, and about whole texts only where adding up is not enough: where
 * characters of two units, or such as join with their neighbours, may stand across the end of a segment.
 */
import sms from 'sms-segments-calculator';

const GSM_SINGLE = 160;
const GSM_PART = 153;
const UCS_SINGLE = 70;
const UCS_PART = 67;
const CARRIAGE_RETURN = 13;

/** Of UTF-16 units: what the library says of each, once it was asked. */
const UNKNOWN = 0;
const GSM_BASIC = 1;
const GSM_EXTENDED = 2;
const NOT_GSM = 3;
const kinds = new Uint8Array(65_536);

/** Characters of one unit that never join with another: Latin, Greek, Cyrillic, kana, Han and their punctuation. */
const ALONE =
  /^[\n\u0020-\u007e\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203b\u20a0-\u20bf\u3000-\u3029\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uff01-\uff5e]*$/;

/** 1 or more; an empty text is one. */
export function segmentsOf(text: string): number {
  let isGsm = true;
  let isBasic = true;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const kind = kindOf(unit);
    if (kind === NOT_GSM) isGsm = false;
    if (kind !== GSM_BASIC || unit === CARRIAGE_RETURN) isBasic = false;
  }
  if (isBasic) return parts(text.length, GSM_SINGLE, GSM_PART);
  if (!isGsm && (text.length <= UCS_SINGLE || ALONE.test(text))) {
    return parts(text.length, UCS_SINGLE, UCS_PART);
  }
  return new sms.SegmentedMessage(text).segmentsCount;
}

/** The characters of a text that GSM-7 does not have: one of them more than halves what fits in a segment. */
export function notInGsm7(text: string): Set<string> {
  const found = new Set<string>();
  for (const character of text) {
    const isIn = character.length === 1 && kindOf(character.charCodeAt(0)) !== NOT_GSM;
    if (!isIn) found.add(character);
  }
  return found;
}

function parts(length: number, single: number, part: number): number {
  return length <= single ? 1 : Math.ceil(length / part);
}

function kindOf(unit: number): number {
  const known = kinds[unit] ?? UNKNOWN;
  if (known !== UNKNOWN) return known;
  const [character] = new sms.SegmentedMessage(String.fromCharCode(unit)).encodedChars;
  let kind = NOT_GSM;
  if (character?.isGSM7) kind = character.codeUnits.length === 1 ? GSM_BASIC : GSM_EXTENDED;
  kinds[unit] = kind;
  return kind;
}
