/** How much of Redis's memory a recipient takes, queued and finished, all that the audit needs included. */
import { join } from 'node:path';
import * as z from 'zod';
import { writeList } from '../harness/lists.ts';
import { personalRows } from '../harness/messages.ts';
import { atMost, type Question } from '../harness/question.ts';
import { Rounds } from '../harness/rounds.ts';
import { deliver, enqueueList, enqueueRows } from '../harness/volley.ts';

const BATCH = 500;

export const memory: Question = {
  asks: 'How many bytes of Redis does a recipient take, queued and finished?',
  sizes: { rows: 1_000_000, recipients: 100_000, 'peer-recipients': 20_000, runs: 1 },
  quick: { rows: 100_000, recipients: 20_000, 'peer-recipients': 5000, runs: 1 },

  async answer(lab, size) {
    const [recipients, few] = [size('recipients'), size('peer-recipients')];
    const list = { path: join(await lab.folder(), 'list.csv'), rows: size('rows') };
    await writeList(list.path, list.rows);
    const redis = await lab.redis('everysec');
    const farEnd = await lab.farEnd();
    const producer = lab.child('children/producer.ts');
    const worker = lab.child('children/worker.ts');
    const plain = lab.child('peers/plain-bullmq.ts');
    const rounds = new Rounds();
    const measure = async (
      who: string,
      count: number,
      requests: number,
      lay: () => Promise<unknown>,
      send: () => Promise<unknown>,
    ) => {
      await redis.clear();
      await farEnd.reset();
      const before = await redis.memory();
      await lay();
      const queued = (await redis.memory()) - before;
      await send();
      const finished = (await redis.memory()) - before;
      await farEnd.expectOnceEach(count, requests);
      rounds.add(who, { queued: queued / count, finished: finished / count });
    };
    const send = () => deliver(redis, farEnd, [worker]);
    const task = { redis: redis.url, messages: few, baseUrl: farEnd.url, concurrency: 100 };

    for (let run = 0; run < size('runs'); run++) {
      const lay = () => enqueueList(redis, producer, list, []);
      await measure('batches of 500', list.rows, Math.ceil(list.rows / BATCH), lay, send);
      const layPersonal = () => enqueueRows(redis, personalRows(recipients));
      await measure('personal text', recipients, recipients, layPersonal, send);
      const [enqueue, work] = [
        { ...task, do: 'enqueue' },
        { ...task, do: 'work' },
      ];
      const layPlain = () => plain.ask(enqueue, z.number());
      const sendPlain = () => plain.ask(work, z.number());
      await measure('plain BullMQ', few, few, layPlain, sendPlain);
    }
    const of = (who: string, when: string) => rounds.figure(who, when, 'B');
    return {
      rows: ['batches of 500', 'personal text', 'plain BullMQ'].map((name) => ({
        name,
        figures: { queued: of(name, 'queued'), finished: of(name, 'finished') },
      })),
      targets: [
        atMost('batches of 500: queued', of('batches of 500', 'queued'), 20),
        atMost('personal text: queued', of('personal text', 'queued'), 100),
        atMost('personal text: finished', of('personal text', 'finished'), 200),
      ],
      notes: ['two short params; plain BullMQ keeps its last 1,000 jobs only, and no results'],
    };
  },
};
