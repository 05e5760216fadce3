/** On paper: what a fleet would need for so many messages an hour, reckoned from what was measured. */
import { sayNumber } from './figures.ts';
import type { Report } from './report.ts';

const MESSAGES_AN_HOUR = 100_000_000;
const A_SECOND = MESSAGES_AN_HOUR / 3600;
/** Of a core: what is left is for bursts, and for a neighbour that fails. */
const BUSY = 0.6;
/** Seconds that a far EngageLab may take to answer. */
const LATENCY_S = 0.3;
/** A request of personal text and its reply, headers included, as the sender writes them; without TLS. */
const HTTP_BYTES = 543;

/** @returns rows of a table, or nothing where `cost` or `memory` was not measured */
export function fleetOnPaper(report: Report): string[] {
  const figureOf = (question: string, row: string, name: string) =>
    report.questions
      .find((each) => each.name === question)
      ?.answer.rows.find((each) => each.name === row)?.figures[name]?.median;
  const sender = figureOf('cost', 'Volley', 'CPU of the sender');
  const redis = figureOf('cost', 'Volley', 'CPU of Redis');
  const toRedis = figureOf('cost', 'Volley', 'bytes to Redis');
  const fromRedis = figureOf('cost', 'Volley', 'bytes from Redis');
  const logged = figureOf('cost', 'Volley', 'bytes to the append-only file');
  const queued = figureOf('memory', 'personal text', 'queued');
  const finished = figureOf('memory', 'personal text', 'finished');
  if (sender === undefined || redis === undefined || toRedis === undefined) return [];
  if (fromRedis === undefined || logged === undefined) return [];
  if (queued === undefined || finished === undefined) return [];

  const cores = (us: number) => (A_SECOND * us) / 1e6 / BUSY;
  const megabits = (bytes: number) => `${sayNumber((A_SECOND * bytes * 8) / 1e6)} Mbit/s`;
  const gigabytes = (bytes: number) => `${sayNumber((MESSAGES_AN_HOUR * bytes) / 1e9)} GB`;
  const rate = `${sayNumber(A_SECOND)}/s`;
  const atCore = (us: number) => `${rate} × ${sayNumber(us)} µs ÷ ${BUSY}`;
  const rows = [
    ['messages', rate, `${sayNumber(MESSAGES_AN_HOUR)} ÷ 3,600`],
    ['worker processes, a core each', String(Math.ceil(cores(sender))), atCore(sender)],
    ['Redis shards, a core each', String(Math.ceil(cores(redis))), atCore(redis)],
    [
      'requests under way',
      sayNumber(A_SECOND * LATENCY_S),
      `${rate} × ${LATENCY_S} s until EngageLab answers; shared out as VOLLEY_CONCURRENCY`,
    ],
    ['Redis memory, an hour queued', gigabytes(queued), `${sayNumber(queued)} B a message`],
    ['Redis memory, an hour finished', gigabytes(finished), `${sayNumber(finished)} B a message`],
    [
      'network, workers and Redis',
      megabits(toRedis + fromRedis),
      `${sayNumber(toRedis)} B to and ${sayNumber(fromRedis)} B from Redis a message`,
    ],
    [
      'network, workers and EngageLab',
      megabits(HTTP_BYTES),
      `${HTTP_BYTES} B a request and its reply`,
    ],
    [
      'append-only files',
      `${sayNumber((A_SECOND * logged) / 1e6)} MB/s`,
      `${sayNumber(logged)} B a message`,
    ],
  ];
  return [
    '| what | how much | reckoned |',
    '|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
}
