/** Does the fleet keep its limit in every sliding second, and use it? */
import { figure } from '../harness/figures.ts';
import { pace, secondsAbove, shareUsed } from '../harness/pacing.ts';
import { atLeast, atMost, type Question, type Row, type Target } from '../harness/question.ts';

const RATES = [20, 200, 1000, 2000];

export const pacer: Question = {
  asks: 'Do 4 processes keep a limit of 20 to 2,000 requests a second, and use it?',
  sizes: { seconds: 12, workers: 4 },
  quick: { seconds: 4, workers: 4 },

  async answer(lab, size) {
    const redis = await lab.redis('everysec');
    const seconds = size('seconds');
    const rows: Row[] = [];
    const targets: Target[] = [];
    for (const rate of RATES) {
      const options = { rate, seconds, workers: size('workers'), notifyEveryMs: 300 };
      const run = await pace(lab, redis.url, options);
      const used = figure('%', [100 * shareUsed(run.permits, run, rate)]);
      const permits = secondsAbove(run.permits, rate);
      const arrivals = secondsAbove(run.arrivals, rate);
      rows.push({
        name: `${rate} requests/s`,
        figures: {
          'used, by permits': used,
          'used, by arrivals': figure('%', [100 * shareUsed(run.arrivals, run, rate)]),
          'most permits in a second': figure('', [permits.most]),
          'most arrivals in a second': figure('', [arrivals.most]),
        },
      });
      targets.push(
        atLeast(`${rate} requests/s: used`, used, 98),
        atMost(
          `${rate} requests/s: sliding seconds of permits above it`,
          figure('', [permits.above]),
          0,
        ),
      );
    }
    return { rows, targets, notes: [`3 campaigns and notifications, ${seconds} s at each limit`] };
  },
};
