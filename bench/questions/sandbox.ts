/** Is the sandbox fast enough to measure with? Beside a bare `node:http` server that answers a fixed JSON. */
import * as z from 'zod';
import { ratio } from '../harness/figures.ts';
import { cpuUs } from '../harness/proc.ts';
import { atLeast, type Question } from '../harness/question.ts';
import { inRounds } from '../harness/rounds.ts';

const CONCURRENCY = 100;

export const sandbox: Question = {
  asks: 'Is the sandbox fast enough to measure with, beside a bare node:http server?',
  sizes: { requests: 20_000, runs: 5 },
  quick: { requests: 5000, runs: 2 },

  async answer(lab, size) {
    const requests = size('requests');
    const farEnd = await lab.farEnd();
    const bare = lab.child('peers/bare-server.ts');
    const bareUrl = await bare.ask('url', z.string());
    const limit = lab.child('peers/limit.ts');
    const send = async (baseUrl: string, pid: number) => {
      const about = { baseUrl, concurrency: CONCURRENCY, messages: requests, batch: 1 };
      const before = cpuUs(pid);
      const ms = await limit.ask(about, z.number());
      // Where the client is what is slow, two servers of any speed look alike: hence their CPU.
      return {
        answered: (requests / ms) * 1000,
        perCpuSecond: (requests / (cpuUs(pid) - before)) * 1e6,
      };
    };
    const rounds = await inRounds(size('runs'), {
      'bare server': () => send(bareUrl, bare.pid),
      sandbox: async () => {
        await farEnd.reset();
        const measured = await send(farEnd.url, farEnd.pid);
        await farEnd.expectOnceEach(requests, requests);
        return measured;
      },
    });
    const answered = (who: string) => rounds.figure(who, 'answered', 'requests/s');
    const perCpu = (who: string) => rounds.figure(who, 'perCpuSecond', 'requests a second of CPU');
    return {
      rows: ['bare server', 'sandbox'].map((name) => ({
        name,
        figures: { answered: answered(name), 'by its CPU': perCpu(name) },
      })),
      targets: [
        atLeast(
          'requests/s beside the bare server',
          ratio(answered('sandbox'), answered('bare server')),
          0.5,
        ),
        atLeast(
          'requests by CPU beside the bare server',
          ratio(perCpu('sandbox'), perCpu('bare server')),
          0.5,
        ),
      ],
      notes: [`${requests} requests a run, ${CONCURRENCY} under way at once, undici alone`],
    };
  },
};
