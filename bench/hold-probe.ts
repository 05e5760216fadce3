/**
 * Loaded before a command (`node --import`): says at its end for how long its event loop stood still at the most, by
 * the clock, and how much of that the thread was really computing, which a busy machine does not lengthen. The loading
 * of the command itself does not count.
 */
const TICK_MS = 2;
const LOADING_MS = 3000;

let longest = 0;
let busiest = 0;
let last = performance.now();
let used = computed();
setInterval(() => {
  const now = performance.now();
  const usedNow = computed();
  if (now > LOADING_MS) {
    longest = Math.max(longest, now - last - TICK_MS);
    busiest = Math.max(busiest, usedNow - used);
  }
  last = now;
  used = usedNow;
}, TICK_MS).unref();

process.on('exit', () => {
  const words = `${longest.toFixed(0)} ms, computing for at most ${busiest.toFixed(0)} ms of one`;
  process.stderr.write(`longest hold of the event loop ${words}\n`);
});

/** ms of this thread. */
function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
