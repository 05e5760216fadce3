/**
 * `--wait`: watches a campaign to its end, or to where a person is needed, shows how far it is, and says why nothing
 * moves. Changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignStatus, Producer } from '../../producer/producer.ts';
import { VolleyError } from '../../shared/errors.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { hindranceWords, lockWords, pauseWords } from '../view/campaign.ts';
import { grouped, moment, percent, span } from '../view/figures.ts';

const POLL_MS = 500;
/** The speed shown is that of so many last polls. */
const SAMPLES = 10;

/**
 * Resolves when nothing is pending any more, or nothing moves until a person has looked: at its canary's end, or where
 * it has halted. What somebody has paused is waited for, for whoever did so knows of it.
 * @throws VolleyError `interrupted` once the signal is aborted: the campaign itself goes on
 */
export async function waitForCampaign(
  producer: Producer,
  id: string,
  signal: AbortSignal,
): Promise<CampaignStatus> {
  using line = new LiveLine();
  const speed = new Speed();
  let told: string | undefined;
  for (;;) {
    const look = await lookAt(producer, id);
    if (look.status && isOver(look.status)) return look.status;
    if (look.hindrance !== told) {
      told = look.hindrance;
      line.print(told === undefined ? `${id}: it moves again` : `${id}: waiting: ${told}`);
    }
    const { status } = look;
    if (status) {
      speed.add(status.recipients - status.pending, performance.now());
      line.show(() => progress(status, speed.perSecond));
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) {
      line.clear();
      throw new VolleyError(
        'interrupted',
        `no longer waiting; campaign ${id} goes on without this command: volley status ${id}`,
      );
    }
  }
}

function isOver({ state, paused }: CampaignStatus): boolean {
  if (state === 'finished' || state === 'cancelled') return true;
  return paused?.by === 'canary' || paused?.by === 'halt';
}

interface Look {
  status?: CampaignStatus;
  /** Why nothing moves, if so. */
  hindrance?: string | undefined;
}

/** A Redis that is away for a while does not end the waiting. */
async function lookAt(producer: Producer, id: string): Promise<Look> {
  try {
    const status = await producer.status(id);
    const workers = await producer.inside.fleet.workers();
    return { status, hindrance: hindranceOf(status, workers.length) };
  } catch (error) {
    if (producer.inside.isConnected) throw error;
    return { hindrance: 'Redis is away' };
  }
}

function hindranceOf(status: CampaignStatus, workers: number): string | undefined {
  if (status.state === 'scheduled') return `it starts at ${moment(status.start_at ?? 0)}`;
  if (status.state === 'paused') {
    const what = pauseWords(status);
    return `${what}; volley resume ${status.campaign} goes on`;
  }
  if (workers === 0) return 'no worker is running; start one: volley worker';
  if (status.valve.length > 0)
    return `the valve is locked: ${status.valve.map(lockWords).join('; ')}`;
  return hindranceWords(status);
}

/** `black-friday  42 %, 4,200 of 10,000, 37 not accepted, 480/s, 12 s left` */
function progress(status: CampaignStatus, perSecond: number): string {
  const { campaign, recipients, pending, accepted } = status;
  const done = recipients - pending;
  const words = [
    percent(done / Math.max(1, recipients)),
    `${grouped(done)} of ${grouped(recipients)}`,
    ...(done > accepted ? [`${grouped(done - accepted)} not accepted`] : []),
    `${grouped(Math.round(perSecond))}/s`,
  ];
  if (perSecond > 0) words.push(`${span(pending / perSecond)} left`);
  return `${campaign}  ${words.join(', ')}`;
}

export class Speed {
  #samples: { done: number; at: number }[] = [];

  /** @param at monotonic, in ms */
  add(done: number, at: number): void {
    this.#samples.push({ done, at });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  get perSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return Math.max(0, ((last.done - first.done) * 1000) / (last.at - first.at));
  }
}
