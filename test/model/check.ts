/** What must hold of the model's campaign at every moment. */
import { expect } from 'vitest';
import { assessments } from '../../src/producer/replay/plan.ts';
import { readJobs } from '../../src/producer/report/stored-jobs.ts';
import { verify } from '../../src/producer/report/verify.ts';
import { readCampaign, readCounts } from '../../src/shared/campaign/campaign.ts';
import { CampaignHandle } from '../../src/shared/campaign/handle.ts';
import { HALT_AFTER } from '../../src/shared/halt.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import { isBalanced } from '../../src/shared/outcome.ts';
import type { World } from './replay.ts';
import { numberAt, RECIPIENTS } from './steps.ts';

export async function checkCampaign(world: World, isForgotten: boolean): Promise<void> {
  const { redis, keys, id } = world;
  const counts = await readCounts(redis, keys, id);
  expect(isBalanced(counts)).toBe(true);
  expect(counts.recipients).toBe(RECIPIENTS);
  if (isForgotten) {
    expect(counts.pending).toBe(0);
    return;
  }
  const verified = await verify(redis, keys, id);
  expect(verified).toMatchObject({ verified: true, recipients: RECIPIENTS, differences: [] });
  await checkLabels(world);
  await checkCanary(world);
  await checkHalt(world);
}

/** As long as the campaign has its canary, nobody behind it has been texted. */
async function checkCanary({ redis, keys, id, people }: World): Promise<void> {
  const { canary = RECIPIENTS } = (await readCampaign(redis, keys, id)) ?? {};
  for (let at = canary; at < RECIPIENTS; at++) expect(people.wasTexted(numberAt(at))).toBe(false);
}

/** It halts only where so few messages are enough for it, and for the one code that there is. */
async function checkHalt({ redis, keys, id }: World): Promise<void> {
  const { paused_by, paused_why = '', halt_after } = (await readCampaign(redis, keys, id)) ?? {};
  if (paused_by !== 'halt') return;
  expect(halt_after).toBeLessThan(HALT_AFTER);
  expect(paused_why).toMatch(/^5001 /);
}

/** What may be replayed without a word has reached nobody; what counts as accepted has reached everybody in it. */
async function checkLabels({ redis, keys, id, people }: World): Promise<void> {
  const { jobs = 0, cancelled = 0 } = (await readCampaign(redis, keys, id)) ?? {};
  const ids = Array.from({ length: jobs }, (_none, at) => jobIdAt(id, at));
  for (const stored of await readJobs(new CampaignHandle(redis, keys, id), ids)) {
    const labels = new Map(assessments(stored, cancelled, {}, undefined));
    for (const [index, entry] of stored.entries.entries()) {
      const [to] = stored.job.messages[index] ?? [[]];
      const texted = to.filter((number) => people.wasTexted(number));
      const label = labels.get(index)?.label ?? 'may_double';
      if (label !== 'may_double') expect(texted).toEqual([]);
      if (entry.state === 'accepted' && !entry.isMoved)
        expect(texted.length).toBeGreaterThanOrEqual(to.length - entry.optedOut);
    }
  }
}
