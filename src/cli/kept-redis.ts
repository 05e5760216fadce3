/**
 * The embedded Redis of `volley up`: its data stays in a folder, which no second one may use at the same time, for
 * two servers would ruin each other's append-only file.
 */
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { VolleyError } from '../shared/errors.ts';
import { type EmbeddedRedis, isAnswering, startEmbeddedRedis } from './embedded-redis.ts';

export interface KeptRedis extends EmbeddedRedis {
  /** The absolute path of its data. */
  folder: string;
}

const Owner = z.object({
  pid: z.int(),
  /** Unix ms at which it claimed the folder. */
  since: z.number(),
  /** Known once its Redis answers. */
  redis: z.object({ pid: z.int(), port: z.int() }).optional(),
});
type Owner = z.infer<typeof Owner>;

/** A claim without an answering Redis is one that is being started, or, when older than this, a leftover. */
const STARTING_MS = 60_000;
/** The guard of a killed `volley up` ends its Redis; that is waited for so long. */
const ORPHAN_MS = 15_000;

/**
 * @throws VolleyError `conflict` where another has the folder; `bad_input` where it is none; `unavailable` as for any
 *   embedded Redis
 */
export async function startKeptRedis(data: string, port: number, path: string): Promise<KeptRedis> {
  const folder = resolve(data);
  await makeFolder(folder);
  const claim = join(folder, 'up.json');
  await claimFolder(folder, claim);
  try {
    const redis = await startEmbeddedRedis({ path, appendfsync: 'always', dir: folder, port });
    const { pid } = redis;
    await writeFile(claim, textOf({ pid: process.pid, since: Date.now(), redis: { pid, port } }));
    const stop = async () => {
      await redis.stop();
      await rm(claim, { force: true });
    };
    return { ...redis, folder, stop };
  } catch (error) {
    await rm(claim, { force: true });
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isFile) throw error;
    throw new VolleyError('bad_input', `--data: expected a folder, got a file: ${folder}`);
  }
}

async function claimFolder(folder: string, claim: string): Promise<void> {
  for (;;) {
    try {
      // Fails if the file is there, however many try at once.
      await writeFile(claim, textOf({ pid: process.pid, since: Date.now() }), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = await readOwner(claim);
    if (owner && (await isInUse(owner))) {
      throw new VolleyError(
        'conflict',
        `${folder}: another volley up (process ${owner.pid}) uses it; stop that one, or choose another --data`,
      );
    }
    await rm(claim, { force: true });
  }
}

/**
 * A process id alone proves nothing: after a restart of the machine, or of a container, it is somebody else's, or our
 * own. So the Redis is asked. One
 * whose `volley up` was killed is about to be ended by its guard, and is waited for.
 */
async function isInUse({ pid, since, redis }: Owner): Promise<boolean> {
  const started = performance.now();
  for (;;) {
    const isOther = pid !== process.pid && isAlive(pid);
    if (redis === undefined) return isOther && Date.now() - since < STARTING_MS;
    if (!(await isAnswering(redis.port, redis.pid))) {
      // One that is merely slow must not be taken for one that is gone.
      return isOther && isAlive(redis.pid) && (await isListening(redis.port));
    }
    if (isOther || performance.now() - started > ORPHAN_MS) return true;
    await sleep(100);
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function readOwner(claim: string): Promise<Owner | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(claim, 'utf8')));
  } catch {
    // Gone by now, or cut short by a crash of the whole machine.
    return undefined;
  }
}

function textOf(owner: Owner): string {
  return JSON.stringify(owner);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
