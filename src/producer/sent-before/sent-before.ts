/**
 * Keeps people from being texted the same message twice by mistake, by two campaigns with one
 * template within a day. "Before" means people and messages that left, not bytes: another row order,
 * another delimiter or a row more make no other list, and a campaign of which nothing left counts
 * for nothing.
 *
 * In the order in which a `send` calls it: `open` before the list is read, `people` takes the list,
 * `look` when it has been read, `list` right before the release, and `relist` after it or `unlist`
 * where it does not come to that. A dry run only looks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import type { VolleyError } from '../../shared/errors.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import { NumberSet } from '../list/number-set.ts';
import { beganAt, whichAreOver } from './at-work.ts';
import { type Candidate, toLookAt } from './choice.ts';
import type { LeftCount } from './count-left.ts';
import type { LeftTimes } from './left.ts';
import {
  type Listed,
  listSend,
  memberOf,
  readListed,
  readSketches,
  stateOf,
  unlist,
  unlistExpired,
  WINDOW_MS,
} from './listed.ts';
import { ListPeople } from './people.ts';
import { compare, estimate, type Sketch } from './sketch.ts';
import { isRefused, refusalOf, refusalOfRace, type SentBefore } from './verdict.ts';

/** How long one that is listed and not released is waited for: it lists itself right before that. */
const UNDECIDED_MS = 10_000;
/** Most recipients of earlier campaigns that are looked through, some minutes; of others it is said about. */
const MOST_LOOKED_AT = 20_000_000;
export interface SentBeforeOptions {
  readonly template: string;
  /** Nobody looks, and it is listed all the same, for those that come later. */
  readonly again: boolean;
  readonly signal: AbortSignal | undefined;
}

export class SentBeforeCheck {
  readonly people: ListPeople;
  readonly #campaign: CampaignHandle;
  readonly #options: SentBeforeOptions;
  /** The list's pairs, where they were not kept as it was read. */
  readonly #readPairs: (() => Promise<NumberSet>) | undefined;
  readonly #found: SentBefore[] = [];
  /** Those whose verdict is known. */
  readonly #done = new Set<string>();
  /** People found in any; only as long as they are less than a fifth. */
  readonly #together = new NumberSet();
  #togetherAbout = 0;
  #hasLooked = false;
  #isListed = false;
  #lookedAt = 0;
  #pairs: NumberSet | undefined;
  #sketch: Sketch | undefined;
  #refusal: VolleyError | undefined;

  private constructor(
    campaign: CampaignHandle,
    options: SentBeforeOptions,
    people: ListPeople,
    readPairs: (() => Promise<NumberSet>) | undefined,
  ) {
    this.#campaign = campaign;
    this.#options = options;
    this.people = people;
    this.#pairs = people.pairs;
    this.#readPairs = readPairs;
  }

  /** @param readPairs reads the list's people back once it has been laid; a dry run lays nothing */
  static async open(
    campaign: CampaignHandle,
    options: SentBeforeOptions,
    readPairs?: () => Promise<NumberSet>,
  ): Promise<SentBeforeCheck> {
    const listed = options.again ? [] : await readListed(campaign, options.template);
    return new SentBeforeCheck(campaign, options, new ListPeople(listed.length > 0), readPairs);
  }

  /** What was found, the campaign with most of this list's people first; undefined where nobody has looked. */
  get found(): readonly SentBefore[] | undefined {
    return this.#hasLooked ? this.#found : undefined;
  }

  /**
   * Looks at what was released by now.
   * @returns `conflict` where a fifth of the list or more was texted before, or is to be
   */
  async look(): Promise<VolleyError | undefined> {
    const { template, again } = this.#options;
    if (again) return undefined;
    this.#hasLooked = true;
    await this.#lookAt(await readListed(this.#campaign, template));
    return this.#refusal;
  }

  /**
   * Lists this `send`, and looks at whatever was listed before it and not looked at yet. One that is
   * about to be released is waited for.
   * @param from Unix ms of when people are texted first
   * @throws VolleyError `conflict` as above
   */
  async list(token: string, from: number): Promise<void> {
    const { template, again, signal } = this.#options;
    const sketch = this.#ownSketch();
    this.#isListed = true;
    const listed = await listSend(this.#campaign, template, token, sketch, from);
    if (again) return;
    let waiting = await this.#lookAt(listed);
    const until = performance.now() + UNDECIDED_MS;
    while (waiting.length > 0 && this.#refusal === undefined && performance.now() < until) {
      await sleep(100);
      signal?.throwIfAborted();
      waiting = await this.#settle(waiting);
    }
    if (this.#refusal) throw this.#refusal;
    const other = waiting.find(({ about }) => isRefused(about ?? sketch.count, sketch.count));
    if (other) throw refusalOfRace(this.#campaign.id, other.id);
  }

  /** Once it has been released: a Redis that crashed meanwhile may have lost it. */
  async relist(token: string, from: number): Promise<void> {
    await listSend(this.#campaign, this.#options.template, token, this.#ownSketch(), from);
  }

  /** Once it has been taken back; where it was released after all, it stays. */
  async unlist(token: string): Promise<void> {
    const own = { id: this.#campaign.id, token };
    if (!this.#isListed || (await stateOf(this.#campaign, own)) !== 'gone') return;
    await unlist(this.#campaign, this.#options.template, [own]);
  }

  #ownSketch(): Sketch {
    this.#sketch ??= this.people.sketch();
    return this.#sketch;
  }

  /** @returns those that are neither released nor gone */
  async #lookAt(listed: readonly Listed[]): Promise<Candidate[]> {
    const own = this.#ownSketch();
    const left = listed.filter((each) => !this.#done.has(memberOf(each)));
    const candidates: Candidate[] = [];
    const expired: Listed[] = [];
    for await (const [each, other] of readSketches(this.#campaign, left)) {
      if (other === undefined) {
        expired.push(each);
        continue;
      }
      const { sketch, isOld } = other;
      const comparison = compare(own, sketch);
      candidates.push({ ...each, isOld, comparison, about: estimate(own, sketch, comparison) });
    }
    await tidy(unlistExpired(this.#campaign, this.#options.template, expired));
    return this.#settle(await this.#thatCount(own.count === 0 ? [] : toLookAt(candidates)));
  }

  /** Without those whose day is over. */
  async #thatCount(candidates: readonly Candidate[]): Promise<Candidate[]> {
    const old = candidates.filter(({ isOld }) => isOld);
    const over = await whichAreOver(this.#campaign, old, (await this.#now()) - WINDOW_MS);
    for (const each of over) this.#done.add(memberOf(each));
    return candidates.filter((each) => !over.has(each));
  }

  async #settle(candidates: readonly Candidate[]): Promise<Candidate[]> {
    const waiting: Candidate[] = [];
    for (const each of candidates) {
      if (this.#refusal) break;
      const state = await stateOf(this.#campaign, each);
      if (state === 'undecided') {
        waiting.push(each);
        continue;
      }
      this.#done.add(memberOf(each));
      if (state === 'gone') await tidy(unlist(this.#campaign, this.#options.template, [each]));
      else await this.#count(each);
    }
    return waiting;
  }

  async #count({ id, about, isOld }: Candidate): Promise<void> {
    const { redis, keys } = this.#campaign;
    const earlier = new CampaignHandle(redis, keys, id);
    const now = await this.#now();
    const since = isOld ? now - WINDOW_MS : 0;
    const of = this.#ownSketch().count;
    const at = beganAt(await earlier.find(), now);
    const { texted, pending, certainty } = await this.#countIn(earlier, about, of, { now, since });
    if (texted + pending === 0 && certainty !== 'unknown') return;
    this.#found.push({ campaign: id, at, texted, pending, of, certainty });
    const together = Math.min(of, this.#together.size + this.#togetherAbout);
    this.#refusal = refusalOf(this.#campaign.id, this.#found, together, now);
  }

  /** Redis's, for the clock of whoever sends may be wrong. @returns Unix ms */
  #now(): Promise<number> {
    return redisNow(this.#campaign.redis);
  }

  async #countIn(
    earlier: CampaignHandle,
    about: number | undefined,
    of: number,
    times: LeftTimes,
  ): Promise<LeftCount> {
    const { template, signal } = this.#options;
    // Loaded only where there is something to look at.
    const { estimateLeft, LeftCounter } = await import('./count-left.ts');
    this.#lookedAt += (await earlier.counts()).recipients;
    this.#pairs ??= await this.#readPairs?.();
    if (this.#pairs === undefined || this.#lookedAt > MOST_LOOKED_AT) {
      const count = await estimateLeft(earlier, about);
      this.#togetherAbout += count.texted + count.pending;
      return count;
    }
    let found = 0;
    const counter = new LeftCounter(earlier, template, this.#pairs, times);
    const count = await counter.count(
      about,
      (pair) => {
        // Beyond it this campaign alone is enough.
        if (!isRefused(++found, of)) this.#together.addValue(pair);
      },
      signal,
    );
    this.#togetherAbout += count.texted + count.pending - found;
    return count;
  }
}

/** A dry run may have a Redis that it must not write to; and what stays there expires. */
async function tidy(work: Promise<void>): Promise<void> {
  await work.catch(() => {});
}
