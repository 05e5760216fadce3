/** Does the fleet keep its limits in every sliding second, and use them? */
import { figure } from '../harness/figures.ts';
import { type Limit, mostInASecond, pace, shareUsed } from '../harness/pacing.ts';
import { atLeast, atMost, type Question, type Row, type Target } from '../harness/question.ts';

const LIMITS: Limit[] = [
  ...[20, 200, 1000, 2000].map((rate) => ({ per: 'requests', rate }) as const),
  ...[2000, 20_000].map((rate) => ({ per: 'recipients', rate }) as const),
];
/** A second's last message may stand out of it. */
const LARGEST_MESSAGE = 500;
/** Of the limit, and one request at least: at the far end what came late counts with what came in time. */
const FAR_END_ABOVE = 0.02;

export const pacer: Question = {
  asks: 'Do 4 processes keep limits of 20 to 2,000 requests and 20,000 recipients a second, and use them?',
  sizes: { seconds: 20, workers: 4 },
  quick: { seconds: 4, workers: 4 },

  async answer(lab, size) {
    const redis = await lab.redis('everysec');
    const seconds = size('seconds');
    const rows: Row[] = [];
    const targets: Target[] = [];
    for (const limit of LIMITS) {
      const options = { limit, seconds, workers: size('workers'), notifyEveryMs: 300 };
      const run = await pace(lab, redis.url, options);
      const share = (events: typeof run.permits) =>
        figure('%', [100 * shareUsed(events, run, limit)]);
      const most = (events: typeof run.permits) => figure('', [mostInASecond(events, limit)]);
      const name = `${limit.rate} ${limit.per}/s`;
      rows.push({
        name,
        figures: {
          'used, by permits': share(run.permits),
          'used, by arrivals': share(run.arrivals),
          'most permits in a second': most(run.permits),
          'most first bytes in a second': most(run.firstBytes),
          'most arrivals in a second': most(run.arrivals),
        },
      });
      const bound = limit.rate + (limit.per === 'requests' ? 0 : LARGEST_MESSAGE);
      const farBound = Math.ceil(bound + limit.rate * FAR_END_ABOVE);
      targets.push(
        atLeast(`${name}: used, %`, share(run.permits), 98),
        atMost(`${name}: most permits in a second`, most(run.permits), bound),
        atMost(`${name}: most arrivals in a second`, most(run.arrivals), farBound),
      );
    }
    return { rows, targets, notes: [`3 campaigns and notifications, ${seconds} s at each limit`] };
  },
};
