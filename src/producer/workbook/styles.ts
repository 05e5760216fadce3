/**
 * What the styles of a workbook make of a number: dates are written as they are shown, and so are whole numbers whose
 * format is zeros and literal text, as `00000` for postcodes. All others stay the digits that are stored: a number
 * must not lose digits because a column is narrow. numfmt reads the formats.
 */
import { format, isDateFormat } from 'numfmt';
import { numberText } from './number-text.ts';
import { type Attributes, type PartName, readXml, resolved, type XmlTaker } from './xml.ts';

/** From a stored number to how it is shown. */
export type Show = (stored: string) => string;

/**
 * Formats that a file names by number alone. How 14 and 22 are shown depends on the country of whoever opens the file,
 * which no file says; so do 27 to 36 and 50 to 58. They are written so that no day is taken for a month.
 */
const BUILT_IN = new Map([
  ...codes('yyyy-mm-dd', [14, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]),
  ...codes('h:mm', [32, 34, 55]),
  ...codes('h:mm:ss', [33, 35, 56]),
  [15, 'd-mmm-yy'],
  [16, 'd-mmm'],
  [17, 'mmm-yy'],
  [18, 'h:mm AM/PM'],
  [19, 'h:mm:ss AM/PM'],
  [20, 'h:mm'],
  [21, 'h:mm:ss'],
  [22, 'yyyy-mm-dd h:mm'],
  [45, 'mm:ss'],
  [46, '[h]:mm:ss'],
  [47, 'mm:ss.0'],
] as const);

/** Zeros and what is shown as it stands, of positive numbers and the rest alike. */
const ZEROS = /^(?:\[\$[^\]]*\])?(?:0|"[^"]*"|\\.|[-+ ()])+(?:;@)?$/u;
/** Days from the beginning of the calendar of 1900 to that of 1904. */
const DAYS_1904 = 1462;
/** 31 December 9999: no spreadsheet shows a later day. */
const LAST_DAY = 2_958_466;
const DAY_MS = 24 * 60 * 60 * 1000;
const EPOCH = Date.UTC(1899, 11, 30);
const ISO_MOMENT = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?Z?$/;

export class Styles {
  readonly #isOf1904: boolean;
  /** By the index that cells name. */
  readonly #shows: (Show | undefined)[] = [];
  readonly #dates = new Set<Show>();

  constructor(formats: readonly (string | undefined)[], isOf1904: boolean) {
    this.#isOf1904 = isOf1904;
    // Many styles differ in their colours alone.
    const known = new Map<string, Show | undefined>();
    for (const code of formats) {
      if (code !== undefined && !known.has(code)) known.set(code, this.#showOf(code));
      this.#shows.push(code === undefined ? undefined : known.get(code));
    }
  }

  /** Where the style shows numbers in a way of its own. */
  showOf(style: number): Show | undefined {
    return this.#shows[style];
  }

  /** A date that is stored as ISO 8601, shown as its style says. */
  showIso(stored: string, style: number): string {
    const [, day = '', time] = ISO_MOMENT.exec(stored.trim()) ?? [];
    const show = this.#shows[style];
    const at = Date.parse(`${day}T${time ?? '00:00'}Z`);
    if (day === '' || Number.isNaN(at)) return stored;
    if (show === undefined || !this.#dates.has(show)) {
      return time === undefined || /^[0:.]+$/.test(time) ? day : `${day} ${time}`;
    }
    const days = (at - EPOCH) / DAY_MS;
    return show(String(this.#isOf1904 ? days - DAYS_1904 : days));
  }

  #showOf(code: string): Show | undefined {
    if (ZEROS.test(code) && code.includes('0')) return (stored) => padded(code, stored);
    if (!isDate(code)) return undefined;
    const added = this.#isOf1904 ? DAYS_1904 : 0;
    const pattern = code.replaceAll('上午/下午', 'AM/PM');
    const show: Show = (stored) => dated(pattern, stored, added);
    this.#dates.add(show);
    return show;
  }
}

/** Reads the part with the styles. @returns the number format of each style of cells; undefined where it is plain */
export async function readFormats(
  pieces: AsyncIterable<Buffer>,
  where: PartName,
): Promise<(string | undefined)[]> {
  const own = new Map<number, string>();
  const formats: number[] = [];
  let group = '';
  const taker: XmlTaker = {
    open: (name, attributes) => {
      if (name === 'cellXfs' || name === 'numFmts') group = name;
      else if (name === 'xf' && group === 'cellXfs') formats.push(formatOf(attributes()));
      else if (name === 'numFmt' && group === 'numFmts') {
        const { numFmtId, formatCode } = attributes();
        own.set(Number(numFmtId), resolved(formatCode ?? ''));
      }
    },
    close: (name) => {
      if (name === group) group = '';
    },
    text: () => undefined,
  };
  await readXml(pieces, where, taker);
  return formats.map((id) => own.get(id) ?? BUILT_IN.get(id));
}

function padded(code: string, stored: string): string {
  const text = numberText(stored);
  return /^\d{1,15}$/.test(text) ? format(code, Number(text)).trim() : text;
}

function dated(pattern: string, stored: string, added: number): string {
  const days = Number(stored) + added;
  const isShown = stored.trim() !== '' && days >= 0 && days < LAST_DAY;
  return isShown ? format(pattern, days).trim() : numberText(stored);
}

/** What numfmt cannot read is no format of dates. */
function isDate(code: string): boolean {
  try {
    return isDateFormat(code) && format(code, 1) !== '';
  } catch {
    return false;
  }
}

function formatOf({ numFmtId = '0' }: Attributes): number {
  return Number(numFmtId);
}

function codes(code: string, ids: readonly number[]): (readonly [number, string])[] {
  return ids.map((id) => [id, code] as const);
}
