/** What tests of other programs on a campaign's queue have in common: campaigns of two jobs, a deed each. */
import type { Queue } from 'bullmq';
import { expect } from 'vitest';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import type { SendOptions } from '../../src/producer/send/send.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import type { CampaignKeys } from '../../src/shared/redis/keys.ts';
import { type Fleet, numberAt } from './fleet.ts';

/** Two jobs: the first of a hundred recipients. */
export const RECIPIENTS = 120;
export const FIRST = 100;
export const SECOND = 20;
/** Numbers of its own for each campaign, so that who is texted twice shows. */
const APART = 1000;
export const patiently = { timeout: 60_000 };

export interface Around {
  fleet: Fleet;
  queue: Queue;
  own: CampaignKeys;
  /** Ids of its two jobs. */
  first: string;
  second: string;
}

export interface Row {
  deed: string;
  hand: (around: Around) => Promise<unknown>;
  /** What it comes to; whatever it may, where it is left out. */
  counts?: Record<string, number>;
}

export const idOf = (at: number) => `c${at}`;

export function rowsOf(at: number) {
  return Array.from({ length: RECIPIENTS }, (_none, person) => ({
    to: numberAt(at * APART + person),
    params: { name: `name ${person}` },
  }));
}

export async function sendAll(fleet: Fleet, rows: readonly Row[], more: Partial<SendOptions> = {}) {
  await Promise.all(rows.map((_row, at) => fleet.send(idOf(at), rowsOf(at), more)));
}

export function aroundOf(fleet: Fleet, at: number): Around {
  const id = idOf(at);
  const own = fleet.keys.campaign(id);
  return { fleet, queue: fleet.queueOf(id), own, first: jobIdAt(id, 0), second: jobIdAt(id, 1) };
}

/** @returns what is wrong with it, by its row */
export async function problemsOf(
  fleet: Fleet,
  { deed, counts }: Row,
  at: number,
): Promise<string[]> {
  const id = idOf(at);
  const problems: string[] = [];
  const check = (isSo: boolean, words: unknown) => {
    if (!isSo)
      problems.push(`${deed}: ${typeof words === 'string' ? words : JSON.stringify(words)}`);
  };
  for (const { to } of rowsOf(at)) {
    const times = fleet.sandbox.textsTo(to)?.count ?? 0;
    check(times <= 1, `texted ${times} times`);
  }
  const status = await campaignStatus(fleet.redis, fleet.keys, id);
  check(status.state === 'finished' && status.pending === 0, `${status.state}, ${status.pending}`);
  check(status.balanced && status.recipients === RECIPIENTS, status);
  const verification = await fleet.verify(id);
  check(verification.verified, verification.differences);
  const is = await fleet.counts(id);
  if (counts) check(JSON.stringify(sorted(is)) === JSON.stringify(sorted(counts)), is);
  const lines = await fleet.lines(id);
  check(lines.length === verification.messages, `${lines.length} lines`);
  const { planned } = await replay(fleet.redis, fleet.keys, id, { dryRun: true, by: 'test' });
  check(planned.recipients <= RECIPIENTS, `${planned.recipients} to be replayed`);
  return problems;
}

function sorted(counts: Record<string, number>) {
  return Object.entries(counts).sort(([a], [b]) => a.localeCompare(b));
}

export async function allEnd(fleet: Fleet, rows: readonly Row[]): Promise<void> {
  const pending = async () => {
    const states = rows.map(async ({ deed }, at) => {
      const { state } = await campaignStatus(fleet.redis, fleet.keys, idOf(at));
      return state === 'finished' ? [] : [`${deed}: ${state}`];
    });
    return (await Promise.all(states)).flat();
  };
  await expect.poll(pending, { ...patiently, interval: 300 }).toEqual([]);
}

export async function expectNoProblems(fleet: Fleet, rows: readonly Row[]): Promise<void> {
  const found = await Promise.all(rows.map((row, at) => problemsOf(fleet, row, at)));
  expect(found.flat()).toEqual([]);
}

export const ALL = { accepted: RECIPIENTS };
export const NONE = { lost: RECIPIENTS };
