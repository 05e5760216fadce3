/**
 * Where `volley up` leaves port and password of its Redis for the other commands, and the programs, of its user: one
 * file a port, in a folder of that user. Whoever meets a Redis on the loopback that wants a password looks there. What
 * others may read, or could have written, is not taken. It writes nothing; `local-redis/password-file.ts` does.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { userFolders } from './config.ts';

export const OwnRedis = z.object({
  port: z.int(),
  password: z.string().min(1),
  /** Of the `volley up`. */
  pid: z.int(),
});
export type OwnRedis = z.infer<typeof OwnRedis>;

/** What was found for a port: a password, or a word on each file that is there and is not taken. */
export interface OwnPassword {
  readonly password?: string;
  readonly file?: string;
  readonly why: readonly string[];
}

/**
 * The folders, best first. A session has the first one, a service or cron may not: so all are looked into, and the first
 * that can be written is written to.
 */
export function ownFolders(): string[] {
  const { runtime, state } = userFolders();
  const uid = process.getuid?.();
  const bases = [
    runtime,
    uid === undefined ? undefined : `/run/user/${uid}`,
    state,
    join(homedir(), '.local', 'state'),
  ].filter((base) => base !== undefined && isAbsolute(base));
  const folders = bases.map((base) => join(String(base), 'volley'));
  // A user of a service may have no home.
  return [...new Set([...folders, join(tmpdir(), `volley-${uid ?? userInfo().username}`)])];
}

export const ownFileName = (port: number) => `up-${port}.json`;

/** Where a `volley up` of this user left a password for the Redis on this port. */
export function ownPassword(port: number): OwnPassword {
  const why: string[] = [];
  for (const folder of ownFolders()) {
    const file = join(folder, ownFileName(port));
    const found = readOwn(file);
    if (found === undefined) continue;
    if (typeof found === 'string') why.push(`${file} is not used: ${found}`);
    else if (found.port === port && isRunning(found.pid)) {
      return { password: found.password, file, why };
    }
  }
  return { why };
}

/** @returns a word on why it is not taken; nothing where there is none */
function readOwn(file: string): OwnRedis | string | undefined {
  let opened: number;
  try {
    // A link might lead to a file that somebody else chose.
    opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ELOOP') return 'it is a link';
    return code === 'EACCES' ? 'this user may not read it' : undefined;
  }
  try {
    const { uid, mode, size } = fstatSync(opened);
    if (process.getuid && uid !== process.getuid()) return 'it belongs to another user';
    if ((mode & 0o077) !== 0) {
      return `others may read or write it (mode ${(mode & 0o777).toString(8)}, expected 600)`;
    }
    if (size > 4096) return 'volley up did not write it';
    return OwnRedis.parse(JSON.parse(readFileSync(opened, 'utf8')));
  } catch {
    return 'volley up did not write it';
  } finally {
    closeSync(opened);
  }
}

/** One that was killed leaves its file behind; what answers on its port now is somebody else's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
