import { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
const roots = { before: '/tmp/hands-neg', after: '/work/h/hands' };
const redis = new Redis(process.argv[2]);
const mods = {};
for (const [k, r] of Object.entries(roots)) mods[k] = (await import(`${r}/src/shared/ledger/open.ts`)).openAttempts;
const { createKeys } = await import('/work/h/hands/src/shared/redis/keys.ts');
const keys = createKeys('bench').campaign('c');
await redis.hset(keys.campaign, 'phase', 'released');
async function run(open, tag, jobs, per, batch) {
  const ids = Array.from({ length: jobs }, (_, i) => `${tag}-${i}`);
  const p = redis.pipeline();
  for (const id of ids) { p.set(keys.lock(id), 't'+'', 'PX', 600000); p.hset(keys.job(id), 'name', 'send', 'data', 'x'.repeat(300), 'opts', '{}', 'timestamp', 1); }
  await p.exec();
  await redis.config('RESETSTAT');
  const all = [];
  for (const id of ids) for (let f = 0; f < per; f += batch) all.push([id, Array.from({ length: Math.min(batch, per - f) }, (_, i) => ({ index: f + i, number: 1 }))]);
  const t = performance.now();
  for (let i = 0; i < all.length; i += 200) await Promise.all(all.slice(i, i + 200).map(([id, o]) => open(redis, keys, { jobId: id, token: 't', run: 'aaaa', leastLockMs: 1 }, 1, o)));
  const ms = performance.now() - t;
  const info = await redis.info('commandstats');
  const us = /cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(info)?.[1];
  const d = redis.pipeline(); for (const id of ids) d.unlink(keys.lock(id), keys.job(id), keys.ledger(id)); await d.exec();
  return { us: Number(us), perS: Math.round(all.length / ms * 1000) };
}
for (const [what, jobs, per, batch] of [['1 message a job', 3000, 1, 1], ['100 a job, one by one', 60, 100, 1], ['100 a job, 10 at once', 300, 100, 10]]) {
  const sums = { before: [], after: [] };
  for (let r = 0; r < 21; r++) for (const k of r % 2 ? ['after', 'before'] : ['before', 'after']) sums[k].push((await run(mods[k], k + r, jobs, per, batch)).us);
  const med = (l) => l.sort((a, b) => a - b)[l.length >> 1];
  console.log(what, 'us/call before', med(sums.before), 'after', med(sums.after));
}
redis.disconnect();
