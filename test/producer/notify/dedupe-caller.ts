/** A program with a producer: on a line of standard input it posts its keys, and prints for each whether it was first. */
import { once } from 'node:events';
import { createProducer } from '../../../src/producer/producer.ts';

/** Few enough that on a slow machine each of them is answered within the 2 s. */
const AT_ONCE = 10;

const [redis, prefix, keys] = process.argv.slice(2);
const producer = createProducer({ redis, prefix });
await producer.status();
console.log('ready');
await once(process.stdin, 'data');
const answers: object[] = [];
for (let at = 0; at < Number(keys); at += AT_ONCE) {
  const wave = Array.from({ length: AT_ONCE }, (_none, index) => `key-${at + index}`);
  const told = wave.map((dedupeKey) =>
    producer.notify({ to: '+6591234567', template: 'otp', dedupeKey }),
  );
  for (const { message, deduplicated } of await Promise.all(told)) {
    answers.push({ message, deduplicated });
  }
}
console.log(JSON.stringify(answers));
await producer.close();
process.stdin.destroy();
