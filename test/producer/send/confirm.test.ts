import { expect, test } from 'vitest';
import type { Preview } from '../../../src/producer/send/preview.ts';
import { readCampaign } from '../../../src/shared/campaign/campaign.ts';
import { openFleet, people } from '../../support/fleet.ts';

test.each(['a list', 'a list with a canary'])(
  '%s that is not confirmed leaves nothing',
  async (what) => {
    const { redis, keys, send } = await openFleet();
    const canary = what === 'a list' ? undefined : 10;
    let seen: Preview | undefined;
    const confirm = async (preview: Preview) => {
      seen = preview;
      expect(await readCampaign(redis, keys, 'asked')).toMatchObject({ phase: 'enqueuing' });
      return false;
    };
    await expect(send('asked', people(300), { confirm, canary })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(seen).toMatchObject({ campaign: 'asked', totals: { recipients: 300 } });
    expect(await redis.keys(`${keys.prefix}*`)).toEqual([]);
  },
);

test('a list that is confirmed is released as it was shown', async () => {
  const { send } = await openFleet();
  let shown = 0;
  const confirm = ({ totals }: Preview) => {
    shown = totals.messages;
    return true;
  };
  const sent = await send('asked', people(300), { confirm, batchSize: 7 });
  expect(sent).toMatchObject({ released: true, messages: shown });
});
