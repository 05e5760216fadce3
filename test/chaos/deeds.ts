/** What somebody does to a campaign while it is under way, and what must hold after each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignStatus } from '../../src/producer/report/status.ts';
import { numberAt } from '../support/people.ts';
import { type Handiwork, workOn } from './hands.ts';
import type { Operator } from './operator.ts';
import type { Point } from './points.ts';
import {
  cancelEarly,
  optOutInTurn,
  resumeCanary,
  resumeHalted,
  type Stop,
  suspend,
} from './promises.ts';
import { type Right, takeRight } from './rights.ts';
import type { Victim } from './stage.ts';
import type { Witness } from './witness.ts';

export type Deed =
  | {
      do: 'pause' | 'cancel' | 'suppress' | 'resume';
      /** Once EngageLab has had so many requests. */
      after: number;
    }
  | {
      /** Once nothing moves any more. `move` changes the request, so that the numbers go to new messages. */
      do: 'replay' | 'move' | 'replay all';
    }
  | {
      /** A worker's machine, as a message passes there; meanwhile somebody stops what it does. */
      do: 'suspend';
      at: Point;
      stop: Stop;
    }
  | { do: 'opt out in turn'; people: number }
  | {
      /** Another program, by BullMQ's own API, once EngageLab has had so many requests. */
      do: Handiwork;
      after: number;
    }
  | {
      /** From the workers, for a while; the victim fails meanwhile. */
      do: 'take a right';
      right: Right;
      victim?: Victim;
      after: number;
    }
  /** Before its time has come; and replayed, too. */
  | { do: 'cancel early' }
  | { do: 'resume canary'; of: number }
  /** Once it has halted; from then on EngageLab refuses nothing. */
  | { do: 'resume halted' };

export interface Surroundings {
  campaign: string;
  /** Before every key in Redis. */
  prefix: string;
  recipients: number;
  /** Most requests that may be under way, over all workers. */
  underWay: number;
  operator: Operator;
  /** Without a proxy. */
  redisUrl: string;
  witness: Witness;
  /** From 0 to 1. */
  random: () => number;
  /** Stops the worker that passes there next, or some passages later; undefined where none does any more. */
  suspendAt: (at: Point) => Promise<{ wake: () => void } | undefined>;
  /** Workers are without this right from now on; undefined: without none. */
  takeRight: (right: Right | undefined) => Promise<void>;
  /** Somebody fails: of the workers, the first. */
  strike: (victim: Victim) => Promise<unknown>;
  /** How many requests EngageLab has had. */
  requests: () => number;
  /** From here on EngageLab refuses nothing. */
  makeWell: () => void;
  /** Resolves when this is so; @returns false if that does not come. */
  until: (isSo: (status: CampaignStatus) => boolean) => Promise<boolean>;
  problems: string[];
}

/** How long nothing may be sent after a command that stops it has returned. */
const STILL_MS = 300;
const REPLAYS_IN_A_ROW = 30;
const SUPPRESSED_EVERY = 5;

/** Finished or cancelled, and BullMQ has put its jobs away. */
export function isAtRest({ state, pending, jobs }: CampaignStatus): boolean {
  const { waiting, active, delayed } = jobs;
  const isOver = state === 'finished' || state === 'cancelled';
  return isOver && pending === 0 && waiting + active + delayed === 0;
}

/** How often a message may have been replayed after it. */
export function replaysOf(deeds: readonly Deed[]): number {
  if (deeds.some((deed) => deed.do === 'replay all')) return Infinity;
  return deeds.filter(isReplayed).length;
}

function isReplayed(deed: Deed): boolean {
  switch (deed.do) {
    case 'suspend':
      return deed.stop === 'cancel';
    case 'cancel':
    case 'cancel early':
    case 'replay':
    case 'move':
    case 'replay all':
      return true;
    default:
      return false;
  }
}

export async function carryOut(deed: Deed, around: Surroundings): Promise<void> {
  const { campaign, operator, until } = around;
  if ('after' in deed) {
    const isDue = () => around.requests() >= deed.after;
    await until((status) => isDue() || isAtRest(status) || status.state === 'paused');
  } else if (isReplayAtRest(deed)) {
    await until(isAtRest);
    around.makeWell();
  }
  switch (deed.do) {
    case 'pause': {
      const { json } = await operator.run('pause', campaign);
      if (json !== undefined) await staysStill('paused', around);
      await operator.run('resume', campaign);
      return;
    }
    case 'resume':
      await operator.run('resume', campaign);
      return;
    case 'cancel': {
      const { json } = await operator.run('cancel', campaign, '--yes');
      if (json === undefined) return;
      await staysStill('cancelled', around);
      return replay(around, '--state', 'cancelled');
    }
    case 'suppress': {
      const numbers = Array.from({ length: around.recipients }, (_none, at) => numberAt(at));
      const some = numbers.filter((_number, at) => at % SUPPRESSED_EVERY === 0);
      await operator.run('suppress', 'add', ...some);
      return;
    }
    case 'replay':
      return replay(around);
    case 'move':
      return replay(around, '--template', 'promo-2');
    case 'replay all':
      // Once: where somebody has opted out of a message of which some were taken, nobody can tell that all were.
      await operator.run('replay', campaign, '--may-double', '--yes');
      return;
    case 'suspend':
      return suspend(deed.at, deed.stop, around);
    case 'opt out in turn':
      return optOutInTurn(deed.people, around);
    case 'cancel early':
      return cancelEarly(around);
    case 'resume canary':
      return resumeCanary(deed.of, around);
    case 'resume halted':
      return resumeHalted(around);
    case 'take a right':
      return takeRight(deed.right, deed.victim, around);
    case 'pause the queue':
    case 'retry and promote all':
    case 'delete the ledgers':
    case 'drain':
    case 'obliterate':
      return workOn(deed.do, around);
  }
}

function isReplayAtRest(deed: Deed): boolean {
  return deed.do === 'replay' || deed.do === 'move' || deed.do === 'replay all';
}

async function staysStill(what: string, { requests, problems }: Surroundings): Promise<void> {
  const before = requests();
  await sleep(STILL_MS);
  const more = requests() - before;
  if (more > 0) problems.push(`${more} requests after it had been ${what}`);
}

/** The same command again and again, until there is nothing left that it would replay. */
async function replay(around: Surroundings, ...options: string[]): Promise<void> {
  const { campaign, operator, until, problems } = around;
  await until(isAtRest);
  for (let times = 0; times < REPLAYS_IN_A_ROW; times++) {
    const { json } = await operator.run('replay', campaign, ...options, '--yes');
    if (json === undefined) return;
    if (json['chapter'] === null && json['busy'] === 0) return;
    await sleep(100);
  }
  problems.push(`replay ${options.join(' ')}: ${REPLAYS_IN_A_ROW} times, and there is more`);
}
