/** Deeds after which something must not happen any more, each with its look at whether it did. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CampaignStatus, createProducer, type Producer } from '../../src/producer/producer.ts';
import { describeError } from '../../src/shared/errors.ts';
import { HALT_AFTER } from '../../src/shared/halt.ts';
import { numberAt } from '../support/people.ts';
import { isAtRest, type Surroundings } from './deeds.ts';
import type { Point } from './points.ts';

/** What may no request follow: each as a call of the library, whose return is known to the moment. */
export const STOPS = ['pause', 'cancel', 'hold', 'suppress'] as const;
export type Stop = (typeof STOPS)[number];

/** Longer than a command waits for what may still leave, also where that has become 0. */
const SUSPENDED_MS = 1400;
/** By then what had waited for the machine to wake has left. */
const AWAKE_MS = 400;
const TRIES = 40;
const OPTED_OUT_AT_ONCE = 30;
const STREAM_MS = 4;

/**
 * The machine of a worker is suspended as a message is on its way there; meanwhile somebody stops the campaign, and is
 * told that it is stopped. Woken, the worker lets nothing leave.
 */
export async function suspend(at: Point, stop: Stop, around: Surroundings): Promise<void> {
  const { witness, problems, recipients } = around;
  await using producer = createProducer({ redis: around.operator.redisUrl, prefix: around.prefix });
  const machine = await around.suspendAt(at);
  if (machine === undefined) {
    problems.push(`nobody was suspended: ${at} was not passed`);
    return;
  }
  const startedAt = performance.now();
  // Whose messages are on their way there are the next on the list, or near.
  const known = witness.numbers();
  const next = Array.from({ length: recipients }, (_none, place) => numberAt(place))
    .filter((to) => !known.has(to))
    .slice(0, OPTED_OUT_AT_ONCE);
  let returned = 0;
  try {
    await insist(() => carryOutStop(stop, next, producer, around.campaign));
    returned = witness.size;
    await sleep(Math.max(0, startedAt + SUSPENDED_MS - performance.now()));
  } finally {
    machine.wake();
  }
  await sleep(AWAKE_MS);
  const left = witness.since(returned);
  const wrong = stop === 'suppress' ? left.filter(({ to }) => next.includes(to)) : left;
  if (wrong.length > 0) {
    const when = `its machine had been suspended: ${at}`;
    problems.push(`${wrong.length} requests after ${stop} had returned; ${when}`);
  }
  await insist(() => undo(stop, producer, around.campaign));
}

async function carryOutStop(
  stop: Stop,
  numbers: readonly string[],
  producer: Producer,
  campaign: string,
): Promise<unknown> {
  switch (stop) {
    case 'pause':
      return producer.pause(campaign);
    case 'cancel':
      return producer.cancel(campaign);
    case 'hold':
      return producer.hold();
    case 'suppress':
      return producer.suppress.add(numbers);
  }
}

async function undo(stop: Stop, producer: Producer, campaign: string): Promise<unknown> {
  switch (stop) {
    case 'pause':
      return producer.resume(campaign);
    case 'cancel':
      return replayAtOnce(() => producer.replay(campaign, { states: ['cancelled'] }));
    case 'hold':
      return producer.release('operator');
    case 'suppress':
      return undefined;
  }
}

/** Again and again, without waiting for anything, until there is nothing left. */
export async function replayAtOnce(
  replay: () => Promise<{ chapter: unknown; busy: unknown } | undefined>,
): Promise<void> {
  for (let times = 0; times < TRIES; times++) {
    const result = await replay();
    if (result === undefined || (result.chapter === null && result.busy === 0)) return;
    await sleep(100);
  }
  throw new Error(`replayed ${TRIES} times, and there is more`);
}

/** Numbers opt out one after the other, each when its message is about to leave: none is texted afterwards. */
export async function optOutInTurn(people: number, around: Surroundings): Promise<void> {
  const { witness, problems, recipients, random } = around;
  await using producer = createProducer({ redis: around.operator.redisUrl, prefix: around.prefix });
  const asked = new Set<string>();
  const returns: Promise<{ to: string; size: number; at: number }>[] = [];
  // Before that, nobody is about to be texted.
  await around.until((status) => witness.size > 0 || isAtRest(status));
  let isOver = false;
  const ending = around.until(isAtRest).finally(() => {
    isOver = true;
  });
  while (asked.size < people && !isOver) {
    // As many ahead of the last one as may be under way.
    const ahead = 1 + Math.floor(random() * (around.underWay + 5));
    const place = witness.size + ahead;
    if (place >= recipients) break;
    const to = numberAt(place);
    if (!asked.has(to)) {
      asked.add(to);
      const add = insist(() => producer.suppress.add([to]));
      returns.push(add.then(() => ({ to, size: witness.size, at: Date.now() })));
    }
    await sleep(STREAM_MS);
  }
  const returned = await Promise.all(returns);
  await ending;
  const lateBy = returned.flatMap(({ to, size, at }) =>
    witness.since(size).flatMap((text) => (text.to === to ? [text.at - at] : [])),
  );
  if (lateBy.length === 0) return;
  const worst = `up to ${Math.max(...lateBy)} ms`;
  problems.push(`${lateBy.length} of ${asked.size} texted after their opt-out returned, ${worst}`);
}

/** Cancelled and replayed before its time has come. That nobody is texted before, the witness says in the end. */
export async function cancelEarly({ campaign, operator, prefix, random }: Surroundings) {
  await using producer = createProducer({ redis: operator.redisUrl, prefix });
  await insist(() => producer.cancel(campaign));
  await sleep(random() * 300);
  await replayAtOnce(() => insist(() => producer.replay(campaign, { states: ['cancelled'] })));
}

/** Paused and resumed half-way, the canary goes on to its own end; only then is the rest sent, by a second resume. */
export async function resumeCanary(canary: number, around: Surroundings): Promise<void> {
  const { campaign, operator, witness, problems, until } = around;
  await until((status) => status.state === 'paused' || isAtRest(status));
  await sleep(AWAKE_MS);
  const first = new Set(Array.from({ length: canary }, (_none, at) => numberAt(at)));
  const beyond = [...witness.numbers()].filter((to) => !first.has(to));
  if (beyond.length > 0) problems.push(`${beyond.length} texted beyond the canary of ${canary}`);
  await operator.run('resume', campaign, '--yes');
}

/**
 * Where everything is refused, it pauses itself after twenty and what was under way, and stays still. Resumed, it goes on
 * without stopping for that code again.
 */
export async function resumeHalted(around: Surroundings): Promise<void> {
  const { campaign, operator, problems, until, makeWell, requests, underWay } = around;
  let last: CampaignStatus | undefined;
  await until((status) => status.state === 'paused' || isAtRest(status));
  // By then what was under way is written down, but for what a worker had that is killed or asleep.
  await sleep(AWAKE_MS);
  await until((status) => {
    last = status;
    return true;
  });
  const by = last?.paused?.by;
  const { rejected = 0, unconfirmed = 0, accepted } = last ?? {};
  if (by !== 'halt') problems.push(`refused again and again, and not halted: ${by}`);
  if (accepted !== 0) problems.push(`${accepted} accepted, though all is refused`);
  const settled = rejected + unconfirmed;
  // Those whose worker was killed are under way besides.
  if (rejected < HALT_AFTER || settled > HALT_AFTER + 2 * underWay)
    problems.push(`halted after ${rejected} refused and ${unconfirmed} unconfirmed`);
  const before = requests();
  await sleep(AWAKE_MS);
  if (requests() > before) problems.push(`${requests() - before} requests after it had halted`);
  makeWell();
  await operator.run('resume', campaign, '--yes');
}

/** As a program does that has to get through: what is under way may have failed with its connection. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  let last: unknown;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return await call();
    } catch (error) {
      last = error;
      await sleep(100);
    }
  }
  throw new Error(`did not get through in ${TRIES} tries: ${describeError(last)}`);
}
