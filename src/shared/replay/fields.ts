/**
 * What a replay writes into a ledger beside entries and attempts, in fields without the "." of an earlier attempt:
 *
 *   "@"      there is a replay in it: it is never folded into a return value
 *   "@from"  of a job that a replay made: whose numbers its messages have, in their order, as `100*3.7` for a hundred
 *            messages with numbers of message 7 of the job at place 3; with "," between
 *   "7@2"    message 7 was replayed in chapter 2: how many of its numbers were known to be accepted, or nothing
 *   "7@to"   the messages that have its numbers now: `21.0-99` for those of the job at place 21; with "," between
 */
import { jobIdAt, messageName } from '../job.ts';

export const REPLAYED = '@';
export const FROM = '@from';

/** A run of messages: those of one job from one place to another. */
export interface Range {
  position: number;
  first: number;
  last: number;
}

export function movedField(index: number): string {
  return `${index}@to`;
}

/** The chapters in which a message was replayed, rising. */
export function chaptersOf(fields: Readonly<Record<string, string>>, index: number): number[] {
  const prefix = `${index}@`;
  return Object.keys(fields)
    .filter((field) => field.startsWith(prefix) && field !== movedField(index))
    .map((field) => Number(field.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** How many numbers of a message that a replay took were known to be accepted by then. */
export function acceptedBefore(
  fields: Readonly<Record<string, string>>,
  index: number,
  chapter: number,
): number {
  return Number(fields[`${index}@${chapter}`] ?? 0);
}

export function encodeRanges(ranges: readonly Range[]): string {
  return ranges.map(({ position, first, last }) => `${position}.${first}-${last}`).join(',');
}

/** The names of the messages that ranges stand for. */
export function namesIn(campaign: string, text: string): string[] {
  return text.split(',').flatMap((range) => {
    const [position = 0, first = 0, last = 0] = range.split(/[.-]/).map(Number);
    const length = last - first + 1;
    return Array.from({ length }, (_none, at) =>
      messageName(jobIdAt(campaign, position), first + at),
    );
  });
}

export function encodeParents(
  parents: readonly { count: number; position: number; index: number }[],
): string {
  return parents.map(({ count, position, index }) => `${count}*${position}.${index}`).join(',');
}

/** The name of the message whose numbers a message of a replay's job has; undefined for any other job. */
export function parentOf(
  campaign: string,
  fields: Readonly<Record<string, string>>,
  index: number,
): string | undefined {
  let end = 0;
  for (const parent of fields[FROM]?.split(',') ?? []) {
    const [count = 0, position = 0, place = 0] = parent.split(/[*.]/).map(Number);
    end += count;
    if (index < end) return messageName(jobIdAt(campaign, position), place);
  }
  return undefined;
}
