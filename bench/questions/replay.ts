/** How long does it take to plan a replay of 30,000 rejected messages, and to queue them again? */
import { createProducer } from '../../src/producer/producer.ts';
import type { Question } from '../harness/question.ts';

export const replay: Question = {
  asks: 'How long until 30,000 rejected messages are planned, and queued again?',
  sizes: { messages: 30_000, runs: 5 },
  quick: { messages: 3000, runs: 1 },

  async answer() {
    const producer = createProducer();
    const isThere = 'replay' in producer;
    await producer.close();
    const skipped = isThere
      ? 'producer.replay is there, and this question does not call it yet'
      : 'there is no producer.replay yet';
    return { rows: [], targets: [], notes: [], skipped };
  },
};
