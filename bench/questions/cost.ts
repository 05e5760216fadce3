/** What a message costs each process, and what it costs Redis: what the requests a second rest on. */
import * as z from 'zod';
import type { Figure } from '../harness/figures.ts';
import { personalRows } from '../harness/messages.ts';
import { cpuUs } from '../harness/proc.ts';
import type { Question } from '../harness/question.ts';
import { inRounds, type Rounds } from '../harness/rounds.ts';
import { deliver, enqueueRows } from '../harness/volley.ts';

const UNITS = {
  'CPU of the sender': 'µs',
  'CPU of Redis': 'µs',
  'CPU of the sandbox': 'µs',
  'calls to Redis': '',
  'bytes to Redis': 'B',
  'bytes from Redis': 'B',
  'bytes to the append-only file': 'B',
};

export const cost: Question = {
  asks: 'What does a message cost: CPU of each process, calls to Redis and bytes?',
  sizes: { recipients: 20_000, runs: 3 },
  quick: { recipients: 5000, runs: 1 },

  async answer(lab, size) {
    const recipients = size('recipients');
    const farEnd = await lab.farEnd();
    const redis = await lab.redis('always');
    // A rewrite in the middle would hide what was written.
    await redis.client.config('SET', 'auto-aof-rewrite-percentage', '0');
    const volley = lab.measured('children/worker.ts');
    const plain = lab.child('peers/plain-bullmq.ts');
    const limit = lab.child('peers/limit.ts');
    const about = { baseUrl: farEnd.url, concurrency: 100, messages: recipients };
    const byCommand = new Map<string, Map<string, { calls: number; us: number }>>();

    const measure = async (who: string, pid: number, send: () => Promise<unknown>) => {
      const counted = async () => ({
        sender: cpuUs(pid),
        redis: cpuUs(redis.pid),
        sandbox: cpuUs(farEnd.pid),
        log: await redis.logged(),
      });
      await farEnd.reset();
      await redis.resetCosts();
      const before = await counted();
      await send();
      const after = await counted();
      const traffic = await redis.traffic();
      const costs = await redis.costs();
      byCommand.set(who, costs);
      await farEnd.expectOnceEach(recipients, recipients);
      const calls = [...costs.values()].reduce((sum, each) => sum + each.calls, 0);
      return perMessage(recipients, {
        'CPU of the sender': after.sender - before.sender,
        'CPU of Redis': after.redis - before.redis,
        'CPU of the sandbox': after.sandbox - before.sandbox,
        'calls to Redis': calls,
        'bytes to Redis': traffic.received,
        'bytes from Redis': traffic.sent,
        'bytes to the append-only file': after.log - before.log,
      });
    };

    const rounds = await inRounds(size('runs'), {
      Volley: async () => {
        await redis.clear();
        await enqueueRows(redis, personalRows(recipients));
        return measure('Volley', volley.pid, () => deliver(redis, farEnd, [volley]));
      },
      'plain BullMQ': async () => {
        await redis.clear();
        const task = { ...about, redis: redis.url };
        await plain.ask({ ...task, do: 'enqueue' }, z.number());
        return measure('plain BullMQ', plain.pid, () =>
          plain.ask({ ...task, do: 'work' }, z.number()),
        );
      },
      limit: () => measure('limit', limit.pid, () => limit.ask({ ...about, batch: 1 }, z.number())),
    });
    return {
      rows: ['Volley', 'plain BullMQ', 'limit'].map((name) => ({
        name,
        figures: figuresOf(rounds, name),
      })),
      targets: [],
      notes: [
        `a message, of ${recipients}; calls include those that scripts make; personal text, appendfsync always`,
        ...['Volley', 'plain BullMQ'].map((who) =>
          sayCommands(who, byCommand.get(who), recipients),
        ),
      ],
    };
  },
};

function perMessage(messages: number, sums: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / messages]));
}

function figuresOf(rounds: Rounds, who: string): Record<string, Figure> {
  const entries = Object.entries(UNITS);
  return Object.fromEntries(entries.map(([name, unit]) => [name, rounds.figure(who, name, unit)]));
}

/** Of the last run, a message: `evalsha 0.21 calls 14.0 µs, …`, the dearest first. */
function sayCommands(
  who: string,
  costs: ReadonlyMap<string, { calls: number; us: number }> | undefined,
  messages: number,
): string {
  const dearest = [...(costs ?? [])].sort(([, a], [, b]) => b.us - a.us).slice(0, 12);
  const words = dearest.map(
    ([name, { calls, us }]) =>
      `${name} ${(calls / messages).toFixed(2)} calls ${(us / messages).toFixed(1)} µs`,
  );
  return `${who}, by command: ${words.join(', ')}`;
}
