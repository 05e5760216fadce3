/** Personal text: each recipient a message of its own, from the queue to all accepted. */
import * as z from 'zod';
import type { BenchRedis } from '../harness/bench-redis.ts';
import { ratio } from '../harness/figures.ts';
import { personalRows } from '../harness/messages.ts';
import { type Answer, atLeast, type Question } from '../harness/question.ts';
import { inRounds, type Rounds, type Run } from '../harness/rounds.ts';
import { deliver, enqueueRows } from '../harness/volley.ts';

const CONCURRENCY = 100;

export const personal: Question = {
  asks: 'How many requests a second does one worker make of personal text, from queue to accepted?',
  sizes: { recipients: 100_000, 'peer-recipients': 25_000, runs: 5 },
  quick: { recipients: 10_000, 'peer-recipients': 5000, runs: 2 },

  async answer(lab, size) {
    const recipients = size('recipients');
    const few = size('peer-recipients');
    const farEnd = await lab.farEnd();
    const worker = lab.measured('children/worker.ts');
    const plain = lab.child('peers/plain-bullmq.ts');
    const limit = lab.child('peers/limit.ts');
    const loop = lab.child('peers/fetch-loop.ts');
    const about = { baseUrl: farEnd.url, concurrency: CONCURRENCY };

    const volleyOn =
      (redis: BenchRedis): Run =>
      async () => {
        await redis.clear();
        await farEnd.reset();
        const enqueueMs = await enqueueRows(redis, personalRows(recipients));
        const ms = await deliver(redis, farEnd, [worker]);
        await farEnd.expectOnceEach(recipients, recipients);
        return {
          enqueued: (recipients / enqueueMs) * 1000,
          delivered: (recipients / ms) * 1000,
        };
      };
    const plainOn =
      (redis: BenchRedis): Run =>
      async () => {
        await redis.clear();
        await farEnd.reset();
        const task = { ...about, redis: redis.url, messages: few };
        const enqueueMs = await plain.ask({ ...task, do: 'enqueue' }, z.number());
        const ms = await plain.ask({ ...task, do: 'work' }, z.number());
        await farEnd.expectOnceEach(few, few);
        return { enqueued: (few / enqueueMs) * 1000, delivered: (few / ms) * 1000 };
      };
    const withoutRedis =
      (messages: number, send: () => Promise<number>): Run =>
      async () => {
        await farEnd.reset();
        const ms = await send();
        await farEnd.expectOnceEach(messages, messages);
        return { delivered: (messages / ms) * 1000 };
      };

    const always = await lab.redis('always');
    const everysec = await lab.redis('everysec');
    const rounds = await inRounds(size('runs'), {
      'Volley, everysec': volleyOn(everysec),
      'plain BullMQ, everysec': plainOn(everysec),
      limit: withoutRedis(recipients, () =>
        limit.ask({ ...about, messages: recipients, batch: 1 }, z.number()),
      ),
      'Volley, always': volleyOn(always),
      'plain BullMQ, always': plainOn(always),
      'fetch loop': withoutRedis(few, () => loop.ask({ ...about, messages: few }, z.number())),
    });

    return report(rounds, recipients, few);
  },
};

/** @param few recipients of the slower peers */
function report(rounds: Rounds, recipients: number, few: number): Answer {
  const delivered = (who: string) => rounds.figure(who, 'delivered', 'requests/s');
  const enqueued = (who: string) => rounds.figure(who, 'enqueued', 'rows/s');
  const queued = [
    'Volley, everysec',
    'Volley, always',
    'plain BullMQ, everysec',
    'plain BullMQ, always',
  ];
  return {
    rows: [
      ...queued.map((name) => ({
        name,
        figures: { delivered: delivered(name), enqueued: enqueued(name) },
      })),
      ...['fetch loop', 'limit'].map((name) => ({
        name,
        figures: { delivered: delivered(name) },
      })),
    ],
    targets: [
      ...(['always', 'everysec'] as const).flatMap((fsync) => {
        const own = delivered(`Volley, ${fsync}`);
        return [
          atLeast(
            `${fsync}: requests/s beside plain BullMQ's`,
            ratio(own, delivered(`plain BullMQ, ${fsync}`)),
            2,
          ),
          atLeast(
            `${fsync}: requests/s beside the limit's`,
            ratio(own, delivered('limit')),
            fsync === 'always' ? 0.5 : 0.6,
          ),
        ];
      }),
    ],
    notes: [
      `${recipients} recipients, of the slower peers (plain BullMQ, fetch loop) ${few}; concurrency ${CONCURRENCY}`,
    ],
  };
}
