/** Equal text in batches of 500, from the file to all accepted; and how fast a list becomes a released campaign. */
import { join } from 'node:path';
import * as z from 'zod';
import { ratio } from '../harness/figures.ts';
import { writeList } from '../harness/lists.ts';
import { type Answer, atLeast, type Question } from '../harness/question.ts';
import { inRounds, type Rounds } from '../harness/rounds.ts';
import { deliver, enqueueList } from '../harness/volley.ts';

const BATCH = 500;
const CONCURRENCY = 100;

export const equal: Question = {
  asks: 'How many recipients a second from the file to accepted, with equal text in batches of 500?',
  sizes: { rows: 1_000_000, 'peer-recipients': 20_000, runs: 5 },
  quick: { rows: 100_000, 'peer-recipients': 5000, runs: 2 },

  async answer(lab, size) {
    const few = size('peer-recipients');
    const list = { path: join(await lab.folder(), 'list.csv'), rows: size('rows') };
    await writeList(list.path, list.rows);
    const redis = await lab.redis('always');
    const farEnd = await lab.farEnd();
    const producer = lab.measured('children/producer.ts');
    const worker = lab.child('children/worker.ts');
    const plain = lab.child('peers/plain-bullmq.ts');
    const limit = lab.child('peers/limit.ts');
    const parser = lab.child('peers/csv-parse.ts');
    const about = { baseUrl: farEnd.url, concurrency: CONCURRENCY };
    const clear = async () => {
      await redis.clear();
      await farEnd.reset();
    };
    const parse = (how: string) => async () => {
      const ms = await parser.ask({ ...list, how }, z.number());
      return { released: (list.rows / ms) * 1000 };
    };

    const rounds = await inRounds(size('runs'), {
      'Volley, equal text': async () => {
        await clear();
        const enqueued = await enqueueList(redis, producer, list, []);
        const ms = await deliver(redis, farEnd, [worker]);
        await farEnd.expectOnceEach(list.rows, Math.ceil(list.rows / BATCH));
        return {
          released: (list.rows / enqueued.ms) * 1000,
          accepted: (list.rows / (enqueued.ms + ms)) * 1000,
        };
      },
      'csv-parse, stream': parse('stream'),
      'Volley, personal text': async () => {
        await clear();
        const { ms } = await enqueueList(redis, producer, list, ['name', 'code']);
        return { released: (list.rows / ms) * 1000 };
      },
      'csv-parse, blocks': parse('blocks'),
      'plain BullMQ': async () => {
        await clear();
        const task = { ...about, redis: redis.url, messages: few };
        const enqueueMs = await plain.ask({ ...task, do: 'enqueue' }, z.number());
        const ms = await plain.ask({ ...task, do: 'work' }, z.number());
        await farEnd.expectOnceEach(few, few);
        return { accepted: (few / (enqueueMs + ms)) * 1000 };
      },
      'limit of sending': async () => {
        await clear();
        const messages = list.rows / BATCH;
        const ms = await limit.ask({ ...about, messages, batch: BATCH }, z.number());
        await farEnd.expectOnceEach(list.rows, messages);
        return { accepted: (list.rows / ms) * 1000 };
      },
    });

    return report(rounds, list.rows, few);
  },
};

/** @param few recipients that plain BullMQ had */
function report(rounds: Rounds, rows: number, few: number): Answer {
  const released = (who: string) => rounds.figure(who, 'released', 'rows/s');
  const accepted = (who: string) => rounds.figure(who, 'accepted', 'recipients/s');
  const parsers = ['csv-parse, stream', 'csv-parse, blocks'];
  const texts = ['Volley, equal text', 'Volley, personal text'];
  return {
    rows: [
      ...[...texts, ...parsers].map((name) => ({
        name,
        figures: { 'file to released': released(name) },
      })),
      ...['Volley, equal text', 'plain BullMQ', 'limit of sending'].map((name) => ({
        name,
        figures: { 'to all accepted': accepted(name) },
      })),
    ],
    targets: [
      atLeast(
        "recipients/s beside plain BullMQ's",
        ratio(accepted('Volley, equal text'), accepted('plain BullMQ')),
        20,
      ),
      ...texts.flatMap((text) =>
        parsers.map((parser) =>
          atLeast(
            `${text}: file to released beside ${parser}`,
            ratio(released(text), released(parser)),
            0.5,
          ),
        ),
      ),
    ],
    notes: [
      `${rows} rows, all different numbers; appendfsync always; plain BullMQ with ${few} recipients, ` +
        'one a job, already in memory: it is not charged for reading a file',
    ],
  };
}
