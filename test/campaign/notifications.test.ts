import { expect, onTestFinished, test } from 'vitest';
import { openFleet, people } from '../support/fleet.ts';
import { notifierOn } from '../support/notifier.ts';

test('a notification goes before a campaign that takes up the whole limit', async () => {
  const arrived: string[] = [];
  const waiting = new Set<() => void>();
  const fleet = await openFleet({
    onRequest: ({ point, template }) => {
      if (point !== 'received') return;
      arrived.push(template);
      for (const look of waiting) look();
    },
  });
  const until = (isSeen: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSeen()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());

  await fleet.send('large', people(500));
  // slow, so that finding the notification takes the workers less than a slot on a busy machine too
  const workers = Array.from({ length: 4 }, () => fleet.createWorker({ VOLLEY_RATE: '5' }));
  await Promise.all(workers.map((worker) => worker.start()));
  await until(() => arrived.length >= 2);
  for (let number = 1; number <= 4; number++) {
    await notifier.notify({ to: `+659200000${number}`, template: `alert ${number}` });
    const before = arrived.length;
    await until(() => arrived.includes(`alert ${number}`));
    // one slot may be promised already, and one under way
    expect(arrived.indexOf(`alert ${number}`) - before).toBeLessThanOrEqual(2);
  }
  expect(arrived).toContain('promo');
  expect(fleet.sandbox.stats().most_texts).toBe(1);
});
