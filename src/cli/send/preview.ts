/** What a campaign will be, as a person and as a program reads it before anything of it is sent. */
import {
  type ListColumns,
  lowestOf,
  type Pace,
  type Preview,
  placeWarnings,
  type SendOptions,
  secondsToSend,
  sentBeforeWords,
  type TextsTotals,
} from '../../producer/producer.ts';
import { HALT_AFTER } from '../../shared/halt.ts';
import { yellow } from '../terminal/output.ts';
import { counted, grouped, moment, span } from '../view/figures.ts';
import { tableLines } from '../view/table.ts';
import { placeFacts, placesJson } from './where.ts';

/** The most characters outside GSM-7 that are shown. */
const CHARACTERS = 5;
const EXAMPLE_CHARS = 80;
/** The most names of further sheets that are shown. */
const SHEETS = 5;

/** @param invalid what there is to say about the invalid rows */
export function previewLines(
  preview: Preview,
  options: SendOptions,
  pace: Pace,
  invalid: readonly string[],
): string[] {
  const { totals, texts } = preview;
  const rows: [string, number][] = [
    ['  rows', totals.rows],
    ['    invalid', totals.invalid],
    ['    duplicate', totals.duplicate],
    ['    suppressed', totals.suppressed],
    ['    recipients', totals.recipients],
  ];
  const counts = tableLines(
    rows.map(([name, count]) => [name, grouped(count)]),
    ['left', 'right'],
  );
  const facts = [
    ...columnFacts(preview, options),
    ...placeFacts(totals),
    ['requests', `${grouped(totals.messages)} in ${counted(totals.jobs, 'job')}`],
    ['takes', timeWords(preview, options, pace)],
    ...momentFacts(options),
    ...(texts ? textFacts(texts) : []),
    ...(preview.sentBefore ?? []).map((each) => [
      'sent before',
      sentBeforeWords(each, preview.now),
    ]),
  ];
  return [
    ...counts,
    ...blankLines(totals.blank),
    ...[...invalid, ...valueWarnings(totals)].map((line) => `  ${line}`),
    '',
    ...tableLines(
      facts.map(([name = '', value = '']) => [`  ${name}`, value]),
      ['left', 'left'],
    ),
    ...placeWarnings(totals).map((text) => `  ${yellow('warning:')} ${text}`),
  ];
}

/** Where there are any. */
export function blankLines(blank: number | null): string[] {
  if (blank === null || blank === 0) return [];
  return [`  and ${counted(blank, 'blank line')}, empty in every cell: no row, and not counted`];
}

/** What goes out otherwise than the list's author may think. */
function valueWarnings({ placeholders, fallbacks }: Preview['totals']): string[] {
  const lines = Object.entries(placeholders).map(
    ([word, rows]) =>
      `in ${counted(rows, 'row')} the value of a param is ${word}, which would be sent as it stands`,
  );
  if (fallbacks === 0) return lines;
  return [...lines, `in ${counted(fallbacks, 'row')} a fallback stands for an empty value`];
}

/** All that is in it and not in what `send` prints. */
export function previewJson(preview: Preview, options: SendOptions, pace: Pace): object {
  const { totals, params, columns, texts, excluded, sentBefore } = preview;
  const { rate, recipientRate } = lowestOf([pace, options]);
  return {
    excluded: totals.excluded,
    reasons: totals.reasons,
    first_invalid: totals.firstInvalid,
    placeholders: totals.placeholders,
    fallbacks: totals.fallbacks,
    ...placesJson(totals),
    params,
    number_column: columns?.number ?? null,
    unused_columns: columns?.unused ?? [],
    sheet: columns?.sheet ?? null,
    other_sheets: columns?.otherSheets ?? [],
    rate,
    recipient_rate: Number.isFinite(recipientRate) ? recipientRate : null,
    seconds: secondsToSend(totals, pace, options),
    exclude: excluded && {
      rows: excluded.rows,
      invalid: excluded.invalid,
      numbers: excluded.numbers.size,
    },
    sent_before: sentBefore ?? null,
    texts: texts && {
      segments: texts.segments,
      not_gsm7: texts.notGsm7,
      not_gsm7_recipients: texts.notGsm7Recipients,
      samples: texts.samples,
      unused_params: texts.unusedParams,
    },
  };
}

function columnFacts({ params, columns, totals }: Preview, { constants = {} }: SendOptions) {
  const fixed = Object.entries(constants).map(([name, value]) => `${name}=${value}`);
  const ofRows = params.slice(0, params.length - fixed.length);
  const words = [...ofRows, ...fixed].join(', ');
  const facts = [['params', words === '' ? 'none' : words]];
  if (columns) facts.unshift(...sheetFacts(columns), ['number', `column ${columns.number}`]);
  if (columns && columns.unused.length > 0) facts.push(['not sent', columns.unused.join(', ')]);
  if (totals.excluded > 0)
    facts.push(['excluded', `${grouped(totals.excluded)} of the suppressed`]);
  return facts;
}

/** Of a workbook: nobody chose the sheet, and another may be the one that was meant. */
function sheetFacts({ sheet, otherSheets = [] }: ListColumns): string[][] {
  if (sheet === undefined || otherSheets.length === 0) return [];
  const others = otherSheets.slice(0, SHEETS).map(shown);
  if (otherSheets.length > SHEETS) others.push('more');
  return [['sheet', `${shown(sheet)}; --sheet reads another: ${others.join(', ')}`]];
}

function timeWords({ totals }: Preview, options: SendOptions, pace: Pace): string {
  const { rate, recipientRate } = lowestOf([pace, options]);
  const limits = [`${grouped(rate)} requests/s`];
  if (Number.isFinite(recipientRate)) limits.push(`${grouped(recipientRate)} recipients/s`);
  return `${span(secondsToSend(totals, pace, options))} at ${limits.join(' and ')}`;
}

function momentFacts(options: SendOptions): string[][] {
  const { startAt, at, notAfter, canary, haltAfter = HALT_AFTER } = options;
  const halts =
    haltAfter === 'never'
      ? 'never, whatever is refused'
      : `after ${counted(haltAfter, 'message')} in a row refused under one code`;
  return [
    ...(canary === undefined
      ? []
      : [['canary', `the first ${grouped(canary)}, then it is paused`]]),
    ...(haltAfter === HALT_AFTER ? [] : [['halts', halts]]),
    ...(startAt === undefined ? [] : [['starts', moment(startAt)]]),
    ...(at === undefined ? [] : [['delivered', `${moment(at)}, by EngageLab`]]),
    ...(notAfter === undefined ? [] : [['expires', moment(notAfter)]]),
  ];
}

function textFacts(texts: TextsTotals): string[][] {
  const { min, median, max, total } = texts.segments;
  const facts = [
    [
      'segments',
      `${min === max ? min : `${min} to ${max}, median ${median},`} a text; ${grouped(total)} in all`,
    ],
  ];
  if (texts.notGsm7.length > 0) {
    facts.push([
      'not GSM-7',
      `the text of ${counted(texts.notGsm7Recipients, 'recipient')}; such a text takes more segments`,
    ]);
  }
  for (const { character, recipients, example } of texts.notGsm7.slice(0, CHARACTERS)) {
    facts.push(['', `${shown(character)} for ${grouped(recipients)}, as in ${shown(example)}`]);
  }
  if (texts.unusedParams.length > 0) {
    facts.push(['unused', `${texts.unusedParams.join(', ')}: not in the text`]);
  }
  facts.push(...texts.samples.map((text, index) => [index === 0 ? 'texts' : '', shown(text)]));
  return facts;
}

/** Quoted, so that what is in it cannot write elsewhere on the screen. */
function shown(text: string): string {
  const short = text.length > EXAMPLE_CHARS ? `${text.slice(0, EXAMPLE_CHARS)}…` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e]/g, '?');
}
