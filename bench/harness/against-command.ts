/** How `npm run bench:against` is told what to compare. */
import { parseArgs } from 'node:util';
import { describeError } from '../../src/shared/errors.ts';

/** Text that differs for each recipient, or one for all, in batches of 500. */
export const TEXTS = {
  personal: { columns: ['name', 'code'], batch: 1, messages: '30000' },
  equal: { columns: [], batch: 500, messages: '500000' },
} as const;
export type Text = keyof typeof TEXTS;

export const USAGE = `Usage: npm run bench:against -- [COMMIT] [options]

Compares this tree with a commit: recipients/s from the queue to accepted, and CPU of the worker a recipient; of equal
text recipients/s from the file on, for there the list takes longer than the sending.
Default: HEAD where src was changed since, else the commit before it.

Options:
  --pairs N      runs of each, in turn (default: 11)
  --text WHICH   personal: each a request of its own; equal: one for all, 500 a request (default: personal)
  --messages N   recipients of each run (default: 30000; equal: 500000)
  --out FILE     where the JSON goes (default: bench/results/against-TIME.json)

It says "slower" only where the whole interval of the pairs' ratios is on the slow side.
It takes some 9 minutes, and wants the machine for itself.`;

export class WrongUse extends Error {}

/** @returns undefined where help was asked for. @throws WrongUse */
export function readCommand() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        pairs: { type: 'string', default: '11' },
        text: { type: 'string', default: 'personal' },
        messages: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (values.help) return undefined;
    if (positionals.length > 1)
      throw new Error(`expected one commit, got ${positionals.join(' ')}`);
    const pairs = wholeNumber('--pairs', values.pairs);
    const text = textNamed(values.text);
    return {
      commit: positionals[0],
      pairs,
      text,
      messages: wholeNumber('--messages', values.messages ?? TEXTS[text].messages),
      out: values.out,
    };
  } catch (error) {
    throw new WrongUse(`${describeError(error)}\n\n${USAGE}`);
  }
}

function textNamed(name: string): Text {
  if (name === 'personal' || name === 'equal') return name;
  throw new Error(`--text: expected personal or equal, got ${name}`);
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`${name}: expected a whole number above 0, got ${text}`);
}
