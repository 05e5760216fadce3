/**
 * EUC-KR with all 11,172 syllables, as Windows writes it (code page 949) and WHATWG reads it. ICU, which decodes for
 * Node, knows only the 2,350 of the old standard, and makes two wrong characters of each of the others in silence.
 */

const FIRST_LEAD = 0x81;
const FIRST_TRAIL = 0x41;
const TRAILS = 0xff - FIRST_TRAIL;
/** The old standard: both bytes are at least this. */
const OLD = 0xa1;
const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;

/** Streams, as `TextDecoder` does; throws a TypeError for what is no EUC-KR. */
export class KoreanDecoder {
  readonly #table = table();
  #lead: number | undefined;

  decode(bytes?: Uint8Array, { stream = false } = {}): string {
    const codes = new Uint16Array((bytes?.length ?? 0) + 1);
    let length = 0;
    for (const byte of bytes ?? []) {
      if (this.#lead !== undefined) {
        const code = this.#table[indexOf(this.#lead, byte)] ?? 0;
        if (byte < FIRST_TRAIL || code === 0) throw new TypeError('not EUC-KR');
        codes[length++] = code;
        this.#lead = undefined;
      } else if (byte < 0x80) {
        codes[length++] = byte;
      } else if (byte === 0x80 || byte === 0xff) {
        throw new TypeError('not EUC-KR');
      } else {
        this.#lead = byte;
      }
    }
    if (!stream && this.#lead !== undefined) throw new TypeError('not EUC-KR: cut short');
    return Buffer.from(codes.buffer, 0, length * 2).toString('utf16le');
  }
}

let made: Uint16Array | undefined;

/** A character for each two bytes, 0 where there is none; made once. */
function table(): Uint16Array {
  if (made !== undefined) return made;
  made = new Uint16Array((0xff - FIRST_LEAD) * TRAILS);
  const decoder = new TextDecoder('euc-kr');
  const known = new Set<number>();
  for (let lead = OLD; lead < 0xff; lead++) {
    for (let trail = OLD; trail < 0xff; trail++) {
      const text = decoder.decode(Uint8Array.of(lead, trail));
      const code = text.charCodeAt(0);
      const isPrivate = code >= 0xe000 && code <= 0xf8ff;
      if (text.length !== 1 || code === 0xfffd || isPrivate) continue;
      made[indexOf(lead, trail)] = code;
      known.add(code);
    }
  }
  fillRest(made, known);
  return made;
}

/** The other syllables follow one another, in the order of Unicode, in the places that the old standard left free. */
function fillRest(codes: Uint16Array, known: ReadonlySet<number>): void {
  let syllable = FIRST_SYLLABLE;
  for (let lead = FIRST_LEAD; lead <= 0xc6; lead++) {
    const end = lead < OLD ? 0xff : OLD;
    for (let trail = FIRST_TRAIL; trail < end; trail++) {
      const isFree = trail <= 0x5a || (trail >= 0x61 && trail <= 0x7a) || trail >= 0x81;
      if (!isFree) continue;
      while (known.has(syllable)) syllable += 1;
      if (syllable > LAST_SYLLABLE) return;
      codes[indexOf(lead, trail)] = syllable;
      syllable += 1;
    }
  }
}

function indexOf(lead: number, trail: number): number {
  return (lead - FIRST_LEAD) * TRAILS + (trail - FIRST_TRAIL);
}
