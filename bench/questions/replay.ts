/** How long does it take to plan a replay of rejected messages, and to queue them again? */
import { createProducer } from '../../src/producer/producer.ts';
import { CAMPAIGN, personalRows } from '../harness/messages.ts';
import { atMost, type Question } from '../harness/question.ts';
import { Rounds } from '../harness/rounds.ts';
import { deliver } from '../harness/volley.ts';

/** The sandbox rejects whatever is sent with it. */
const REJECTED = '5001';

export const replay: Question = {
  asks: 'How long until 30,000 rejected messages are planned, and queued again?',
  sizes: { messages: 30_000, runs: 5 },
  quick: { messages: 3000, runs: 1 },

  async answer(lab, size) {
    const messages = size('messages');
    const redis = await lab.redis('always');
    const farEnd = await lab.farEnd();
    const worker = lab.child('children/worker.ts');
    const rounds = new Rounds();
    const producer = createProducer({ redis: redis.url, prefix: 'bench' });
    lab.atEnd(() => producer.close());
    await producer.send(
      { rows: personalRows(messages) },
      { campaign: CAMPAIGN, template: REJECTED, haltAfter: 'never' },
    );
    await deliver(redis, farEnd, [worker]);
    for (let run = 1; run <= size('runs'); run++) {
      const started = performance.now();
      const { planned } = await producer.replay(CAMPAIGN, { dryRun: true });
      const plannedAt = performance.now();
      // Plans once more: what `volley replay` does from its call to its return.
      const { replayed } = await producer.replay(CAMPAIGN);
      rounds.add('replay', {
        planned: plannedAt - started,
        queued: performance.now() - plannedAt,
      });
      if (planned.messages !== messages || replayed?.messages !== messages) {
        throw new Error(
          `expected ${messages} messages planned and replayed, got ${planned.messages} and ${replayed?.messages}`,
        );
      }
      await deliver(redis, farEnd, [worker]);
      const requests = await farEnd.requests();
      if (requests !== messages * (run + 1)) {
        throw new Error(`expected ${messages * (run + 1)} requests by now, got ${requests}`);
      }
    }
    const [planned, queued] = ['planned', 'queued'].map((what) =>
      rounds.figure('replay', what, 'ms'),
    );
    if (!planned || !queued) throw new Error('no round was run');
    return {
      rows: [{ name: `${messages} messages`, figures: { planned, queued } }],
      targets: [
        atMost('planned, ms', planned, 2000),
        atMost('planned and queued again, ms', queued, 5000),
      ],
      notes: ['appendfsync always; each message is sent again, once, after each replay'],
    };
  },
};
