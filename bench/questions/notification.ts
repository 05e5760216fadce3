/** How long does a notification wait while campaigns use up the whole limit? */
import { figure, percentile } from '../harness/figures.ts';
import { pace, waits } from '../harness/pacing.ts';
import { atMost, type Question } from '../harness/question.ts';

const RATE = 100;
const SLOT_MS = 1000 / RATE;
const MOST_MS = 4 * SLOT_MS + 20;

export const notification: Question = {
  asks: 'How long from notify() to arrival while campaigns saturate 100 requests a second?',
  sizes: { seconds: 45, workers: 4 },
  quick: { seconds: 10, workers: 4 },

  async answer(lab, size) {
    const redis = await lab.redis('always');
    const limit = { per: 'requests', rate: RATE } as const;
    const options = { limit, seconds: size('seconds'), workers: size('workers') };
    const run = await pace(lab, redis.url, { ...options, notifyEveryMs: 100 });
    const all = waits(run);
    if (all.length !== run.notified.size) {
      throw new Error(`expected ${run.notified.size} notifications to arrive, got ${all.length}`);
    }
    const at = (part: number) => figure('ms', [percentile(all, part)]);
    return {
      rows: [
        {
          name: `${all.length} notifications`,
          figures: { p50: at(0.5), p90: at(0.9), p99: at(0.99), longest: at(1) },
        },
      ],
      targets: [atMost('p99, 4 slots of 10 ms and 20 ms', at(0.99), MOST_MS)],
      notes: [
        `${size('workers')} processes; 3 campaigns at ${RATE} requests/s; appendfsync always`,
      ],
    };
  },
};
