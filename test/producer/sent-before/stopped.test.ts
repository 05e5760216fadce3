/** A process that stands still between its place on the list and its release, for longer than its lease, and goes on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openFleet, people } from '../../support/fleet.ts';
import { redisUrl } from '../../support/redis.ts';
import { finish, refused, sendOnce } from './once.ts';

const IMPORTS = `
  import { Redis } from 'ioredis';
  import { send } from '${new URL('../../../src/producer/send/send.ts', import.meta.url)}';
  import { createKeys } from '${new URL('../../../src/shared/redis/keys.ts', import.meta.url)}';
`;

/** Sends, stops itself right before the script with `word` would reach Redis, and goes on when it is told to. */
function startStopped(prefix: string, campaign: string, word: string) {
  const script = `${IMPORTS}
    const redis = new Redis('${redisUrl()}');
    const sendCommand = redis.sendCommand.bind(redis);
    let isStopped = false;
    redis.sendCommand = (command) => {
      const isMeant = command.name.startsWith('eval') && command.args.slice(1).some((each) => String(each).includes('${word}'));
      if (isMeant && !isStopped) {
        isStopped = true;
        console.log('stopped');
        process.kill(process.pid, 'SIGSTOP');
      }
      return sendCommand(command);
    };
    const options = { campaign: '${campaign}', template: 'promo', params: ['name'] };
    const rows = ${JSON.stringify(people(20))};
    await send(redis, createKeys('${prefix}'), { rows }, options).then(
      ({ released }) => console.log('released', released),
      (error) => console.log(error.details?.why),
    );
    redis.disconnect();
  `;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: new URL('../../..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, stopped: once(child.stdout, 'data'), said: text(child.stdout) };
}

test.each([
  ['its place on the list', 'sent-with:'],
  ['its release', 'fingerprint'],
])('one that stood still right before %s is not released once another was', async (_what, word) => {
  const fleet = await openFleet();
  const { child, stopped, said } = startStopped(fleet.keys.prefix, 'first', word);
  await stopped;
  // It waits for the lease of the first, which nobody renews.
  expect(await sendOnce(fleet, 'second', people(20).reverse())).toMatchObject({ released: true });
  const { lease } = fleet.keys.campaign('first');
  await expect.poll(() => fleet.redis.exists(lease)).toBe(0);
  child.kill('SIGCONT');
  expect(await said).toMatch(/^stopped\n(send_at_work|same_list)\n$/);
  const again = sendOnce(fleet, 'first', people(20));
  await expect(again).rejects.toMatchObject(refused('20 of its 20 recipients are to be texted'));
  expect(await fleet.redis.keys(`${fleet.keys.prefix}*first*`)).toEqual([]);
  await finish(fleet, 'second');
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 20, most_texts: 1 });
});
