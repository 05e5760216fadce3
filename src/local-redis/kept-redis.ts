/**
 * The embedded Redis of `volley up`: its data stays in a folder, which no second one may use at the same time, for
 * two servers would ruin each other's append-only file.
 */
import { once } from 'node:events';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { conflict, VolleyError } from '../shared/errors.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './embedded-redis.ts';
import { diskFull, isDiskFull } from './last-words.ts';
import { keptPassword, newPassword, PasswordFile } from './password-file.ts';
import { isAnswering } from './port.ts';

export interface KeptRedis extends EmbeddedRedis {
  /** The absolute path of its data. */
  folder: string;
  /** What it wants of whoever connects. */
  password: string;
  /** Where the commands of this user find port and password; undefined where none of their folders can be written. */
  passwordFile: string | undefined;
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
/** The guard of a claim is held for a few milliseconds; an older one was left by a crash. */
const GUARD_MS = 10_000;
const GUARD_PAUSE_MS = 20;

/**
 * @throws VolleyError `conflict` where another has the folder; `bad_input` where it is none; `unavailable` as for any
 *   embedded Redis
 */
export async function startKeptRedis(data: string, port: number, path: string): Promise<KeptRedis> {
  const folder = resolve(data);
  try {
    return await startIn(folder, port, path);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new VolleyError('unavailable', diskFull(folder), { cause: error });
  }
}

async function startIn(folder: string, port: number, path: string): Promise<KeptRedis> {
  await makeFolder(folder);
  const claim = join(folder, 'up.json');
  await claimFolder(folder, claim);
  try {
    const password = keptPassword(folder) ?? newPassword();
    const own = { path, appendfsync: 'always', dir: folder, port, password } as const;
    const redis = await startEmbeddedRedis(own);
    const { pid } = redis;
    await put(claim, { pid: process.pid, since: Date.now(), redis: { pid, port } });
    const file = new PasswordFile({ port, password, pid: process.pid });
    const stop = async () => {
      file.remove();
      await redis.stop();
      await rm(claim, { force: true });
    };
    return { ...redis, folder, password, passwordFile: file.path, stop };
  } catch (error) {
    await rm(claim, { force: true });
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new VolleyError('bad_input', `--data: expected a folder, got a file: ${folder}`);
  }
}

async function claimFolder(folder: string, claim: string): Promise<void> {
  for (;;) {
    const judged = await textIn(claim);
    const owner = ownerIn(judged);
    if (owner && (await isInUse(owner, keptPassword(folder)))) {
      throw conflict(
        'folder_in_use',
        `${folder}: another volley up (process ${owner.pid}) uses it; stop that one, or choose another --data`,
      );
    }
    if (await isReplaced(claim, judged)) return;
    await sleep(GUARD_PAUSE_MS);
  }
}

/**
 * Takes the claim, unless it is no longer what was judged: of several that find the same leftover, one may have it.
 * @returns false where it has to be judged again
 */
async function isReplaced(claim: string, judged: string | undefined): Promise<boolean> {
  const guard = `${claim}.guard`;
  try {
    // Fails if the file is there, however many try at once.
    await writeFile(guard, '', { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const since = await stat(guard).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - since > GUARD_MS) await rm(guard, { force: true });
    return false;
  }
  try {
    if ((await textIn(claim)) !== judged) return false;
    await put(claim, { pid: process.pid, since: Date.now() });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Whole or not at all, for another may be reading it. */
async function put(claim: string, owner: Owner): Promise<void> {
  const draft = `${claim}.${process.pid}`;
  try {
    await writeFile(draft, JSON.stringify(owner));
    await rename(draft, claim);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * A process id alone proves nothing: after a restart of the machine, or of a container, it is somebody else's, or our
 * own. So the Redis is asked. One
 * whose `volley up` was killed is about to be ended by its guard, and is waited for.
 */
async function isInUse(
  { pid, since, redis }: Owner,
  password: string | undefined,
): Promise<boolean> {
  const started = performance.now();
  for (;;) {
    const isOther = pid !== process.pid && isAlive(pid);
    if (redis === undefined) return isOther && Date.now() - since < STARTING_MS;
    if (!(await isAnswering(redis.port, redis.pid, password))) {
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

/** @returns nothing where there is no claim */
async function textIn(claim: string): Promise<string | undefined> {
  try {
    return await readFile(claim, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function ownerIn(text: string | undefined): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(text ?? ''));
  } catch {
    // None, or cut short by a crash of the whole machine.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
