/** Do more worker processes send more, or at least no less? */
import { ratio } from '../harness/figures.ts';
import { personalRows } from '../harness/messages.ts';
import { atLeast, type Question } from '../harness/question.ts';
import { inRounds, type Run } from '../harness/rounds.ts';
import { deliver, enqueueRows } from '../harness/volley.ts';

const COUNTS = [1, 2, 4];

export const workers: Question = {
  asks: 'How many requests a second do 1, 2 and 4 worker processes make together?',
  sizes: { recipients: 40_000, runs: 5 },
  quick: { recipients: 10_000, runs: 2 },

  async answer(lab, size) {
    const recipients = size('recipients');
    const redis = await lab.redis('always');
    const farEnd = await lab.farEnd();
    const fleet = Array.from({ length: 4 }, () => lab.measured('children/worker.ts'));
    const send =
      (count: number): Run =>
      async () => {
        await redis.clear();
        await farEnd.reset();
        await enqueueRows(redis, personalRows(recipients));
        const ms = await deliver(redis, farEnd, fleet.slice(0, count));
        await farEnd.expectOnceEach(recipients, recipients);
        return { delivered: (recipients / ms) * 1000 };
      };
    const runs = COUNTS.map((count) => [String(count), send(count)] as const);
    const rounds = await inRounds(size('runs'), Object.fromEntries(runs));
    const delivered = (count: number) => rounds.figure(String(count), 'delivered', 'requests/s');
    return {
      rows: COUNTS.map((count) => ({
        name: `${count} ${count === 1 ? 'process' : 'processes'}`,
        figures: { delivered: delivered(count) },
      })),
      targets: COUNTS.filter((count) => count > 1).map((count) =>
        atLeast(`${count} processes beside one`, ratio(delivered(count), delivered(1)), 1),
      ),
      notes: [
        `${recipients} recipients, personal text, appendfsync always; they share the machine's cores with Redis and the sandbox`,
      ],
    };
  },
};
