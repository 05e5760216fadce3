/** When a campaign stops by itself: the rule, through any order of what its messages come to. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { control } from '../../../src/producer/control/control-scripts.ts';
import type { Closing } from '../../../src/shared/ledger/close.ts';
import { beginReplay } from '../../../src/shared/replay/steps.ts';
import { connect, testPrefix } from '../../support/redis.ts';
import {
  type Campaign,
  JOB,
  MESSAGES,
  NUMBERS,
  openCampaign,
  Rule,
  type Told,
  told,
} from './halt-rule.ts';

const ACCEPTED = told('accepted', '', NUMBERS);
const refused = (code: string) => told('rejected', code);

const anyTold = fc.constantFrom(
  ...[ACCEPTED, told('shortfall'), told('shortfall', '', 1), told('rejected', '4001', 1)],
  ...[told('retry', '1000'), told('unconfirmed', 'no_reply'), told('worker_lost', 'no_reply')],
  ...Array.from({ length: 9 }, () => refused('4001')),
  ...Array.from({ length: 4 }, () => refused('http_400')),
);

const step = fc.oneof(
  { weight: 12, arbitrary: fc.array(anyTold, { minLength: 1, maxLength: 5 }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...(['again', 'late accepted', 'late refused', 'pause'] as const),
      ...(['resume', 'resume', 'resume', 'replay'] as const),
    ),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What has been told of a campaign, and may be told again, or better. */
class Teller {
  readonly #campaign: Campaign;
  readonly #rule: Rule;
  readonly #lost: number[] = [];
  #last: Closing[] = [];

  constructor(campaign: Campaign, rule: Rule) {
    this.#campaign = campaign;
    this.#rule = rule;
  }

  async take(step: Step): Promise<void> {
    const campaign = this.#campaign;
    if (Array.isArray(step)) {
      if (campaign.isTold) return;
      const closings = campaign.take(step).filter(({ index }) => index < MESSAGES);
      for (const { verdict, index } of closings)
        if (verdict === 'worker_lost') this.#lost.push(index);
      this.#rule.close(step.slice(0, closings.length));
      return this.#close(closings);
    }
    switch (step) {
      case 'again':
        return this.#close(this.#last);
      case 'late accepted':
        return this.#hearOf(this.#lost.shift(), ACCEPTED);
      case 'late refused':
        return this.#hearOf(this.#lost.shift(), refused('4001'));
      case 'pause':
        this.#rule.pause();
        await control(campaign.redis, campaign.own, 'pause');
        return;
      case 'resume':
        this.#rule.resume();
        await campaign.resume();
        return;
      case 'replay':
        this.#rule.replay();
        await beginReplay(campaign.redis, campaign.own, String(Math.random()), {});
    }
  }

  async #hearOf(index: number | undefined, news: Told): Promise<void> {
    if (index === undefined) return;
    this.#rule.close([news], true);
    await this.#close([this.#campaign.closing(index, news)]);
  }

  async #close(closings: Closing[]): Promise<void> {
    if (closings.length > 0) await this.#campaign.close(closings);
    this.#last = closings;
  }
}

test('halts where the rule says so, and nowhere else', async () => {
  const redis = connect();
  const base = testPrefix();
  let histories = 0;
  let halts = 0;
  const haltAfter = fc.constantFrom(1, 2, 3, 3, 4, 7, 'never' as const, undefined);
  await fc.assert(
    fc.asyncProperty(
      haltAfter,
      fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
      async (most, steps) => {
        const campaign = await openCampaign({ haltAfter: most }, `${base}-${histories++}`);
        const rule = new Rule(most);
        const teller = new Teller(campaign, rule);
        for (const each of steps) {
          await teller.take(each);
          const { by, why, streak } = await campaign.stands();
          expect({ by: by ?? undefined, streak }).toEqual({ by: rule.paused, streak: rule.streak });
          if (by === 'halt') expect(why).toBe(`${rule.code} said of ${rule.code}`);
          if (by === 'halt') halts += 1;
        }
        await redis.del(campaign.own.campaign, campaign.own.counts, campaign.own.ledger(JOB));
      },
    ),
    { numRuns: 100, interruptAfterTimeLimit: 6000, seed: 1 },
  );
  expect(halts).toBeGreaterThan(0);
}, 60_000);

const refusals = (length: number, code = '4001') => Array.from({ length }, () => refused(code));

test('twenty in a row halt a campaign that says nothing of it, also one of an older version', async () => {
  const { take, close, stands } = await openCampaign();
  await close(take(refusals(19)));
  expect(await stands()).toMatchObject({ paused: null, streak: '4001,19' });
  await close(take(refusals(1)));
  expect(await stands()).toMatchObject({ paused: '1', by: 'halt', why: '4001 said of 4001' });
});

test('what EngageLab cannot have written is no streak, and ends none', async () => {
  const { take, close, stands } = await openCampaign();
  await close(take(refusals(20, 'http_404')));
  await close(take(refusals(10, 'http_302')));
  expect(await stands()).toMatchObject({ paused: null, streak: null });
  await close(take(refusals(19)));
  await close(take(refusals(1, 'http_404')));
  expect(await stands()).toMatchObject({ paused: null, streak: '4001,19' });
  await close(take(refusals(1)));
  expect(await stands()).toMatchObject({ paused: '1', by: 'halt' });
});

test('what was under way when it halted is written down, and moves nothing', async () => {
  const { redis, own, take, close, stands } = await openCampaign();
  await close(take(refusals(20)));
  const since = await redis.hget(own.campaign, 'paused_at');
  await close(take([...refusals(10), ...refusals(10, '3003')]));
  expect(await stands()).toMatchObject({ by: 'halt', why: '4001 said of 4001', streak: '3003,10' });
  expect(await redis.hget(own.campaign, 'paused_at')).toBe(since);
  expect(await redis.hgetall(own.counts)).toMatchObject({ rejected: '80', pending: '40' });
});

test('resumed, it does not stop for that code again, and does for another', async () => {
  const { take, close, stands, resume } = await openCampaign({ haltAfter: 3 });
  await close(take(refusals(3)));
  expect(await resume()).toMatchObject({ found: 'done', passes: '4001' });
  expect(await resume()).toBeUndefined();
  await close(take(refusals(10)));
  expect(await stands()).toMatchObject({ paused: null, streak: null });
  await close(take(refusals(3, '3003')));
  expect(await stands()).toMatchObject({ by: 'halt', why: '3003 said of 3003' });
});

test('the notifications never halt', async () => {
  const { take, close, stands } = await openCampaign({ id: 'notifications' });
  await close(take(refusals(40)));
  expect(await stands()).toMatchObject({ paused: null, streak: null });
});

test('with nothing left to send there is nothing to stop', async () => {
  const { take, close, stands } = await openCampaign({ haltAfter: MESSAGES });
  await close(take(refusals(MESSAGES)));
  expect(await stands()).toMatchObject({ paused: null });
});

test('a campaign that was cancelled does not halt', async () => {
  const { redis, own, take, close, stands } = await openCampaign();
  await control(redis, own, 'cancel');
  await close(take(refusals(25)));
  expect(await stands()).toMatchObject({ paused: null });
});

test('one that halted at its very end waits for nobody when it is replayed', async () => {
  const { redis, own, take, close, stands } = await openCampaign({ haltAfter: MESSAGES - 1 });
  await close(take(refusals(MESSAGES - 1)));
  await close(take(refusals(1)));
  expect(await stands()).toMatchObject({ by: 'halt' });
  await beginReplay(redis, own, 'again', {});
  expect(await stands()).toEqual({ paused: null, by: null, why: null, streak: null });
});
