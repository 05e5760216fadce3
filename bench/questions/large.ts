/** A list ten times as large: does a row cost more, and how much memory does reading it take? */
import { join } from 'node:path';
import { figure, ratio } from '../harness/figures.ts';
import type { Lab } from '../harness/lab.ts';
import { writeList } from '../harness/lists.ts';
import { peakMemory } from '../harness/proc.ts';
import { atMost, type Question } from '../harness/question.ts';
import { Rounds } from '../harness/rounds.ts';
import { enqueueList } from '../harness/volley.ts';

const MB = 1e6;
const TEXTS = { 'equal text': [], 'personal text': ['name', 'code'] };
/** Peak memory is to be at most this, and this for each distinct number. */
const BASE_BYTES = 160 * MB;
const BYTES_A_NUMBER = 24;
/** The flags of V8 that `volley send` runs with: `bin/volley`, `cli/lean-heap.ts`. */
const AS_THE_COMMAND = [
  '--max-semi-space-size=16',
  '--heap-growing-percent=40',
  '--no-allocation-site-pretenuring',
];

export const large: Question = {
  asks: 'What does a row of a list of 10 million cost beside one of 1 million, and how much memory?',
  sizes: { rows: 10_000_000, 'rows-small': 1_000_000, runs: 1 },
  quick: { rows: 500_000, 'rows-small': 50_000, runs: 1 },

  async answer(lab, size) {
    const folder = await lab.folder();
    const listOf = async (rows: number) => {
      const list = { path: join(folder, `${rows}.csv`), rows };
      await writeList(list.path, rows);
      return list;
    };
    const small = await listOf(size('rows-small'));
    const big = await listOf(size('rows'));
    const rounds = new Rounds();
    for (let run = 0; run < size('runs'); run++) {
      for (const [text, params] of Object.entries(TEXTS)) {
        // The small list on both sides of the large one, so that a machine that changes its pace shows.
        const before = await enqueueOnce(lab, small, params);
        const after = await enqueueOnce(lab, big, params);
        const again = await enqueueOnce(lab, small, params);
        rounds.add(`${text}, ${small.rows} rows`, {
          us: (before.us + again.us) / 2,
          memory: Math.max(before.memory, again.memory),
        });
        rounds.add(`${text}, ${big.rows} rows`, after);
      }
    }
    const us = (text: string, rows: number) => rounds.figure(`${text}, ${rows} rows`, 'us', 'µs');
    const memory = (name: string) => rounds.figure(name, 'memory', 'MB');
    const names = Object.keys(TEXTS);
    return {
      rows: names.flatMap((text) =>
        [small, big].map(({ rows }) => ({
          name: `${text}, ${rows} rows`,
          figures: { 'time a row': us(text, rows), 'peak memory': memory(`${text}, ${rows} rows`) },
        })),
      ),
      targets: names.flatMap((text) => [
        atMost(
          `${text}: time a row beside that of ${small.rows}`,
          ratio(us(text, big.rows), us(text, small.rows)),
          1.15,
        ),
        atMost(
          `${text}: peak memory`,
          figure('MB', memory(`${text}, ${big.rows} rows`).runs),
          (BASE_BYTES + BYTES_A_NUMBER * big.rows) / MB,
        ),
      ]),
      notes: [
        'from the file to the release, appendfsync always; each list by a process started for it; ' +
          'memory: VmHWM, the most that the process ever held',
      ],
    };
  },
};

async function enqueueOnce(
  lab: Lab,
  list: { path: string; rows: number },
  params: readonly string[],
): Promise<{ us: number; memory: number }> {
  const redis = await lab.redis('always');
  const producer = lab.measured('children/producer.ts', { flags: AS_THE_COMMAND });
  const { ms } = await enqueueList(redis, producer, list, params);
  const memory = peakMemory(producer.pid);
  await producer.end();
  await redis.stop();
  return { us: (ms * 1000) / list.rows, memory: memory / MB };
}
