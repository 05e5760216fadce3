/** Whole campaigns to an EngageLab behind TLS, through a proxy. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CERTIFICATE, startFarProxy, startSecure } from '../support/far-proxy.ts';
import { openFleet, people, workUntilFinished } from '../support/fleet.ts';

const RECIPIENTS = 300;

test('a proxy that dies and comes back in the middle: nobody twice, and what was not written goes again', async () => {
  const fleet = await openFleet({ faults: { latency: 20 } });
  const proxy = await startFarProxy({ login: 'ada:geheim' });
  await fleet.send('behind', people(RECIPIENTS));
  const worker = fleet.createWorker({
    ENGAGELAB_BASE_URL: await startSecure(fleet.sandbox.url),
    ENGAGELAB_CA_FILE: CERTIFICATE,
    HTTPS_PROXY: proxy.url,
    VOLLEY_CONCURRENCY: '10',
    VOLLEY_RATE: '300',
  });
  // It comes back once somebody was told that it is gone.
  proxy.answer = (nth) => {
    if (nth === 3) void killAtHalf();
    return 'tunnel';
  };
  const killAtHalf = async () => {
    while (fleet.sandbox.stats().texts < RECIPIENTS / 2) await nextTurn();
    await proxy.kill();
    await fleet.log.line('outage');
    await proxy.listen();
  };
  await workUntilFinished(worker, 'behind');

  const lines = await fleet.lines('behind');
  const { accepted = 0, unconfirmed = 0 } = await fleet.counts('behind');
  const { texts, texted_again } = fleet.sandbox.stats();
  expect(accepted + unconfirmed).toBe(RECIPIENTS);
  expect(texted_again).toBe(0);
  expect(texts).toBeGreaterThanOrEqual(accepted);
  // Only what was under way when it died is not known.
  expect(unconfirmed).toBeLessThanOrEqual(10);
  const attempts = lines.flatMap((line) => line.attempts);
  const refused = attempts.filter(({ message }) => message?.includes('the proxy http://localhost'));
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ outcome }) => outcome))).toEqual(new Set(['retry']));
  expect(await fleet.verify('behind')).toMatchObject({ verified: true });
  const started = fleet.log.lines.find((line) => line.includes('worker started'));
  expect(started).toContain(`"proxy":"http://localhost:${proxy.port}"`);
  expect(JSON.stringify([lines, fleet.log.lines])).not.toMatch(/geheim|ada:/);
});
