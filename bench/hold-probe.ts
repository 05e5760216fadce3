/** Loaded before a command (`node --import`): says at its end for how long its event loop stood still at the most. */
const TICK_MS = 2;

let longest = 0;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last - TICK_MS);
  last = now;
}, TICK_MS).unref();
process.on('exit', () => {
  process.stderr.write(`longest hold of the event loop ${longest.toFixed(0)} ms\n`);
});
