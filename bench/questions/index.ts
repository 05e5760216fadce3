/** Every question, by the name it is asked by, in the order in which they are answered. */
import type { Question } from '../harness/question.ts';
import { cost } from './cost.ts';
import { equal } from './equal.ts';
import { large } from './large.ts';
import { memory } from './memory.ts';
import { personal } from './personal.ts';

export const questions: Readonly<Record<string, Question>> = {
  personal,
  cost,
  equal,
  large,
  memory,
};
