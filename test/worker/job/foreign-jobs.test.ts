/** Jobs that another program lays into a queue with nothing but BullMQ. None may stop a worker, or be counted. */
import { type JobsOptions, Queue } from 'bullmq';
import { describe, expect, onTestFinished, test } from 'vitest';
import { campaignStatus } from '../../../src/producer/report/status.ts';
import { NOTIFICATIONS } from '../../../src/shared/job.ts';
import { type Fleet, openFleet, people } from '../../support/fleet.ts';

const good = (campaign: string) => ({
  v: 1,
  campaign,
  template: 'promo',
  on_unconfirmed: 'park',
  params: ['name'],
  messages: [[['+6592000001'], ['Ada']]],
});
const message = good('x').messages[0];

const BROKEN: [string, (campaign: string) => unknown, string][] = [
  ['nothing in it', () => ({}), 'bad job: v: '],
  ['a list for an object', () => [], 'bad job: the job: '],
  ['most of it missing', (campaign) => ({ v: 1, campaign }), 'bad job: template: '],
  ['an unknown old version', (campaign) => ({ ...good(campaign), v: 0 }), 'bad job: v: '],
  ['no messages', (campaign) => ({ ...good(campaign), messages: [] }), 'bad job: messages: '],
  [
    '101 messages',
    (campaign) => ({ ...good(campaign), messages: Array(101).fill(message) }),
    'bad job: messages: ',
  ],
  [
    'a number without its +',
    (campaign) => ({ ...good(campaign), messages: [message, [['6592000001'], ['Ada']]] }),
    'bad job: messages.1.0.0: expected a number in E.164',
  ],
  [
    'a value too many',
    (campaign) => ({ ...good(campaign), messages: [message, [['+6592000001'], ['a', 'b']]] }),
    'bad job: messages.1.1: expected 1 values, one for each of params, got 2',
  ],
  [
    'a value that is no text',
    (campaign) => ({ ...good(campaign), messages: [[['+6592000001'], [7]]] }),
    'bad job: messages.0.1.0: ',
  ],
  [
    'the name of another campaign',
    (campaign) => ({ ...good(campaign), campaign: 'other' }),
    'bad job: campaign: expected ',
  ],
];

/** BullMQ as any program has it, with none of Volley's settings. */
function plainQueue({ redis, keys }: Fleet, campaign: string): Queue {
  const queue = new Queue(keys.campaign(campaign).queue, {
    connection: redis,
    prefix: keys.prefix,
  });
  onTestFinished(() => queue.close());
  return queue;
}

async function lay(queue: Queue, name: string, data: unknown, options: JobsOptions = {}) {
  await queue.add('send', data, { jobId: name.replaceAll(' ', '-'), lifo: true, ...options });
}

/** The reasons of all failed jobs, by their ids, once there are so many. */
async function reasons(queue: Queue, count: number): Promise<Map<string, string>> {
  await expect.poll(() => queue.getFailedCount(), { timeout: 20_000 }).toBe(count);
  const jobs = await queue.getFailed();
  return new Map(jobs.map((job) => [job.id ?? '', job.failedReason ?? '']));
}

async function expectSent(fleet: Fleet, campaign: string, count: number): Promise<void> {
  await expect.poll(() => fleet.counts(campaign), { timeout: 20_000 }).toEqual({ accepted: count });
  const { balanced, rows } = await campaignStatus(fleet.redis, fleet.keys, campaign);
  expect({ balanced, rows }).toEqual({ balanced: true, rows: count });
  expect(await fleet.verify(campaign)).toMatchObject({ verified: true, recipients: count });
}

describe.for(['spring', NOTIFICATIONS])('among the jobs of %s', (campaign) => {
  /** With one job of its own in the queue, where it is a campaign. */
  async function openQueue() {
    const fleet = await openFleet();
    const own = campaign === NOTIFICATIONS ? 0 : 3;
    if (own > 0) await fleet.send(campaign, people(own));
    return { fleet, own, queue: plainQueue(fleet, campaign) };
  }

  test('broken ones are rejected with a reason that says where, and the rest is sent', async () => {
    const { fleet, own, queue } = await openQueue();
    for (const [name, data] of BROKEN) await lay(queue, name, data(campaign));
    const worker = fleet.createWorker();
    await worker.start();

    const found = await reasons(queue, BROKEN.length);
    for (const [name, , reason] of BROKEN) {
      expect(found.get(name.replaceAll(' ', '-')), name).toContain(reason);
    }
    await fleet.send('next', people(5));
    await expectSent(fleet, 'next', 5);
    if (own > 0) await expectSent(fleet, campaign, own);
    else expect(await fleet.counts(campaign)).toEqual({});
    expect(fleet.sandbox.stats()).toMatchObject({ numbers: 5, texts: own + 5 });
  });

  test.for([
    ['data', '{"v":1,'],
    ['data', ''],
    ['opts', 'none'],
  ] as const)('one whose %s is %j is rejected', async ([field, text]) => {
    const { fleet, own, queue } = await openQueue();
    await lay(queue, 'stray', good('other'));
    await fleet.redis.hset(fleet.keys.campaign(campaign).job('stray'), field, text);
    const worker = fleet.createWorker({ VOLLEY_LOCK_MS: '1000' });
    await worker.start();

    await expect.poll(() => queue.getJobState('stray'), { timeout: 20_000 }).toBe('failed');
    const reason = await fleet.redis.hget(
      fleet.keys.campaign(campaign).job('stray'),
      'failedReason',
    );
    expect(reason).toContain(text === '' ? 'bad job: v: ' : `bad job: ${field}: expected JSON`);
    await fleet.send('next', people(5));
    await expectSent(fleet, 'next', 5);
    if (own > 0) await expectSent(fleet, campaign, own);
    else expect(await fleet.counts(campaign)).toEqual({});
  });

  test('one of a newer version is put back, and not failed', async () => {
    const { fleet, own, queue } = await openQueue();
    await lay(queue, 'newer', { v: 2, letters: [] }, { attempts: 1 });
    const worker = fleet.createWorker();
    await worker.start();
    await fleet.log.line('"version":2');
    await fleet.send('next', people(5));
    await expectSent(fleet, 'next', 5);
    if (own > 0) await expectSent(fleet, campaign, own);
    expect(await queue.getJobState('newer')).toBe('delayed');
    expect(await queue.getFailedCount()).toBe(0);
    expect(await fleet.redis.hget(fleet.keys.campaign(campaign).job('newer'), 'data')).toBe(
      '{"v":2,"letters":[]}',
    );
  });
});
