/** A sandbox that remembers when each request arrived, and to whom notifications went. */
import * as z from 'zod';
import { startSandbox } from '../../src/sandbox/index.ts';
import { ALERT, now, type PacingEvent } from '../harness/pacing.ts';
import { answerTasks } from '../harness/tasks.ts';

const arrivals: PacingEvent[] = [];
const sandbox = await startSandbox({
  onRequest: ({ point, to, template }) => {
    if (point !== 'received') return;
    const alerted = template === ALERT ? to[0] : undefined;
    arrivals.push({ at: now(), numbers: to.length, ...(alerted && { alerted }) });
  },
});

answerTasks(z.enum(['url', 'reset', 'report', 'stats']), (task) => {
  if (task === 'url') return sandbox.url;
  if (task === 'reset') {
    arrivals.length = 0;
    sandbox.reset();
    return;
  }
  return task === 'stats' ? sandbox.stats() : arrivals;
});
