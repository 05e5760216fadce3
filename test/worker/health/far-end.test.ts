/** Who answers, if not EngageLab: what it costs until the fleet is locked, and what opens it again. */
import { describe, expect, test, vi } from 'vitest';
import { openValve, readValve } from '../../../src/shared/fleet/valve.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { FarEnd } from '../../../src/worker/health/far-end.ts';
import type { Trust } from '../../../src/worker/pacing/permit.ts';
import type { Writer } from '../../../src/worker/request/classify.ts';
import {
  type Fleet,
  Log,
  numberAt,
  openFleet,
  people,
  workUntilFinished,
} from '../../support/fleet.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const reasonsOf = async ({ redis, keys }: Pick<Fleet, 'redis'> & { keys: Fleet['keys'] }) =>
  (await readValve(redis, keys.fleet, Date.now())).map(({ reason }) => reason);

/** A fleet whose processes are played: each has replies noted, and no pacer. */
function openPlayed() {
  const redis = connect();
  const keys = createKeys(testPrefix());
  const log = new Log();
  let isDoubted = false;
  const open = () => {
    const pacer = {
      permits: { trust: 'proven' as Trust },
      pauseDuring: <T>(locking: Promise<T>) => locking,
      get signs() {
        return { isFailing: false, isDoubted };
      },
    };
    const baseUrl = 'https://user:word@sms.example:8443/path';
    const farEnd = new FarEnd(redis, keys.fleet, {
      ...{ baseUrl, host: 'host 1', pacer, log: log.logger },
    });
    const note = async (writer: Writer | undefined, times = 1, epoch = 0) => {
      const verdict = { outcome: 'rejected', writer, http_status: 404 } as const;
      for (let at = 0; at < times; at++) await farEnd.note({ ...verdict }, epoch);
    };
    return Object.assign(note, { pacer });
  };
  return {
    ...{ redis, keys, log, open },
    setDoubted: (is: boolean) => {
      isDoubted = is;
    },
    locks: () => readValve(redis, keys.fleet, Date.now()),
  };
}

describe('replies in a row', () => {
  test('twenty over the fleet lock it, with words that say what to do', async () => {
    const played = openPlayed();
    const [one, other] = [played.open(), played.open()];
    await Promise.all([one('another', 10), other('another', 9)]);
    expect(await played.locks()).toEqual([]);
    await one('another');
    const [lock, ...more] = await played.locks();
    expect(more).toEqual([]);
    expect(lock).toMatchObject({ reason: 'far_end' });
    expect(lock?.until).toBeUndefined();
    expect(lock?.detail).toBe(
      '20 replies in a row that EngageLab cannot have written, the last: HTTP 404; check ' +
        'ENGAGELAB_BASE_URL (https://sms.example:8443) on host 1 and what is on the way there, ' +
        'then volley release --reason far_end',
    );
    const told = played.log.lines.filter((line) => line.includes('valve locked: far_end'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('"level":50');
    expect(told[0]).toContain(JSON.stringify(lock?.detail));
  });

  test('one that EngageLab can have written ends them, and is told although another had them', async () => {
    const played = openPlayed();
    const [one, other] = [played.open(), played.open()];
    await one('another', 19);
    await one('engagelab');
    await one('another', 19);
    played.setDoubted(true);
    await other('engagelab');
    played.setDoubted(false);
    await other('another', 19);
    expect(await played.locks()).toEqual([]);
    await other('another');
    expect(await played.locks()).toHaveLength(1);
  });

  test('what nobody can tell neither counts nor ends them', async () => {
    const played = openPlayed();
    const note = played.open();
    await note('another', 19);
    await note(undefined, 5);
    expect(await played.locks()).toEqual([]);
    await note('another');
    expect(await played.locks()).toHaveLength(1);
  });

  test('of one process lock too, however well the others do', async () => {
    const played = openPlayed();
    const [wrong, right] = [played.open(), played.open()];
    played.setDoubted(true);
    for (let at = 0; at < 19; at++) {
      await wrong('another');
      await right('engagelab');
    }
    expect(await played.locks()).toEqual([]);
    await wrong('another');
    expect(await played.locks()).toMatchObject([{ reason: 'far_end' }]);
  });

  test('begin anew when it is opened, and those from before move nothing', async () => {
    const played = openPlayed();
    const [one, other] = [played.open(), played.open()];
    await Promise.all([one('another', 5), other('another', 15)]);
    expect(await played.locks()).toHaveLength(1);
    await openValve(played.redis, played.keys.fleet, 'far_end');
    // sent before it was locked, answered now
    await one('another', 50);
    await other('another', 18, 1);
    await one('another', 1, 1);
    expect(await played.locks()).toEqual([]);
    await one('another', 1, 1);
    expect(await played.locks()).toHaveLength(1);
  });

  test('cost nothing while all is well, and have a process go singly until it is', async () => {
    const played = openPlayed();
    const note = played.open();
    const asked = vi.spyOn(played.redis, 'evalsha');
    await note('engagelab', 100);
    await note(undefined, 100);
    expect(asked).not.toHaveBeenCalled();
    expect(note.pacer.permits.trust).toBe('proven');
    await note('another');
    expect(note.pacer.permits.trust).toBe('doubted');
    await note(undefined);
    expect(note.pacer.permits.trust).toBe('doubted');
    await note('engagelab', 100);
    expect(note.pacer.permits.trust).toBe('proven');
    expect(asked).toHaveBeenCalledTimes(2);
  });
});

describe('a wrong base URL', () => {
  test.for(['login-page', '404', '405', '407', '302', 'no-body'])(
    'that answers with %s costs twenty messages, and no more until it is released',
    async (fault) => {
      const fleet = await openFleet({ faults: { rates: { [fault]: 1 } } });
      await fleet.send('wrong', people(300));
      const first = fleet.createWorker();
      await first.start();
      await fleet.log.line('valve locked: far_end');
      await fleet.log.line('the valve is locked');
      await first.stop();
      expect(fleet.sandbox.stats().requests).toBe(20);
      fleet.sandbox.setFaults({ rates: {} });

      // neither a start nor a release of all the rest opens it
      const second = fleet.createWorker();
      const seen = new Promise<readonly unknown[]>((resolve) => second.on('valve', resolve));
      await second.start();
      expect(await seen).toMatchObject([{ reason: 'far_end' }]);
      expect(await openValve(fleet.redis, fleet.keys.fleet)).toEqual([]);
      expect(await reasonsOf(fleet)).toEqual(['far_end']);
      expect(fleet.sandbox.stats().requests).toBe(20);

      const finished = new Promise((resolve) => second.on('detached', resolve));
      expect(await openValve(fleet.redis, fleet.keys.fleet, 'far_end')).toEqual(['far_end']);
      await finished;
      const state = fault === 'login-page' || fault === 'no-body' ? 'unconfirmed' : 'rejected';
      expect(await fleet.counts('wrong')).toEqual({ accepted: 280, [state]: 20 });
      expect(fleet.sandbox.stats().most_texts).toBe(1);
      expect(await fleet.verify('wrong')).toMatchObject({ verified: true });
    },
  );

  test('nineteen, and one that was accepted, do not lock', async () => {
    const wrong = Array.from({ length: 39 }, (_none, at) => [numberAt(at), '404'] as const);
    const on_number = Object.fromEntries(wrong.filter((_each, at) => at !== 19));
    const fleet = await openFleet({ faults: { on_number } });
    await fleet.send('nearly', people(60));
    await workUntilFinished(fleet.createWorker({ VOLLEY_CONCURRENCY: '1' }), 'nearly');
    expect(await fleet.counts('nearly')).toEqual({ accepted: 22, rejected: 38 });
    expect(await reasonsOf(fleet)).toEqual([]);
  });
});
