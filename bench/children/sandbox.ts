/** The sandbox, in a process of its own. */
import * as z from 'zod';
import { startSandbox } from '../../src/sandbox/index.ts';
import { answerTasks } from '../harness/tasks.ts';

const sandbox = await startSandbox();

answerTasks(z.enum(['url', 'reset', 'stats', 'cpu']), (task) => {
  switch (task) {
    case 'url':
      return sandbox.url;
    case 'reset':
      sandbox.reset();
      return;
    case 'stats':
      return sandbox.stats();
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
  }
});
