/** How soon is the command there: `volley --help`, and a worker's first request. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { personalRows } from '../harness/messages.ts';
import { atMost, type Question } from '../harness/question.ts';
import { inRounds } from '../harness/rounds.ts';
import { enqueueRows } from '../harness/volley.ts';

const VOLLEY = fileURLToPath(new URL('../../bin/volley', import.meta.url));
const LOOK_MS = 2;

export const start: Question = {
  asks: 'How long does volley --help take, and a worker from its start to its first request?',
  sizes: { runs: 7 },
  quick: { runs: 2 },

  async answer(lab, size) {
    const redis = await lab.redis('always');
    const farEnd = await lab.farEnd();
    const { PATH } = process.env;
    const rounds = await inRounds(size('runs'), {
      'volley --help': async () => {
        const started = performance.now();
        const [code] = await once(spawn(VOLLEY, ['--help'], { stdio: 'ignore' }), 'exit');
        if (code !== 0) throw new Error(`volley --help: exit code ${code}`);
        return { took: performance.now() - started };
      },
      'node alone': async () => {
        const started = performance.now();
        await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
        return { took: performance.now() - started };
      },
      'worker, to its first request': async () => {
        await redis.clear();
        await farEnd.reset();
        await enqueueRows(redis, personalRows(1));
        const env = {
          PATH,
          REDIS_URL: redis.url,
          VOLLEY_PREFIX: 'bench',
          ENGAGELAB_BASE_URL: farEnd.url,
          ENGAGELAB_DEV_KEY: 'sandbox',
          ENGAGELAB_DEV_SECRET: 'sandbox',
          VOLLEY_LOG_LEVEL: 'error',
        };
        const started = performance.now();
        const worker = spawn(VOLLEY, ['worker'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
        const ended = once(worker, 'exit');
        lab.atEnd(async () => {
          worker.kill('SIGKILL');
        });
        while ((await farEnd.requests()) === 0) await sleep(LOOK_MS);
        const took = performance.now() - started;
        worker.kill('SIGTERM');
        await ended;
        await farEnd.expectOnceEach(1, 1);
        return { took };
      },
    });
    const took = (who: string) => rounds.figure(who, 'took', 'ms');
    const names = ['volley --help', 'node alone', 'worker, to its first request'];
    return {
      rows: names.map((name) => ({ name, figures: { took: took(name) } })),
      targets: [
        atMost('volley --help', took('volley --help'), 250),
        atMost('worker, to its first request', took('worker, to its first request'), 1500),
      ],
      notes: ['in a clone, from the sources; a campaign of one message is waiting'],
    };
  },
};
