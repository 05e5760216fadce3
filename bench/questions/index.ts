/** Every question, by the name it is asked by, in the order in which they are answered. */
import type { Question } from '../harness/question.ts';
import { cost } from './cost.ts';
import { equal } from './equal.ts';
import { idle } from './idle.ts';
import { large } from './large.ts';
import { memory } from './memory.ts';
import { notification } from './notification.ts';
import { pacer } from './pacer.ts';
import { personal } from './personal.ts';
import { replay } from './replay.ts';
import { sandbox } from './sandbox.ts';
import { start } from './start.ts';
import { workers } from './workers.ts';

export const questions: Readonly<Record<string, Question>> = {
  sandbox,
  personal,
  cost,
  workers,
  equal,
  memory,
  large,
  pacer,
  notification,
  replay,
  idle,
  start,
};
