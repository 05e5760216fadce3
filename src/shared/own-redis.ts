/**
 * Where `volley up` leaves port and password of its Redis for the other commands, and the programs, of its user: one
 * file a port, in a folder of that user. Whoever meets a Redis on the loopback that wants a password looks there. What
 * others may read, or could have written, is not taken. It writes nothing; `local-redis/password-file.ts` does.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { userFolders } from './config.ts';

export const OwnRedis = z.object({
  port: z.int(),
  password: z.string().min(1),
  /** Where the `volley up` runs, and as which process: a home may be there on several machines. */
  host: z.string(),
  pid: z.int(),
});
export type OwnRedis = z.infer<typeof OwnRedis>;

/** What was found for a port: a password, or a word on each file that is there and is not taken. */
export interface OwnPassword {
  readonly password?: string;
  readonly file?: string;
  readonly why: readonly string[];
}

/** Folders of this user, the best first. All of them are looked into: a session has the first ones, cron does not. */
export interface OwnFolders {
  /** They are made by the system, and go with the user's last session. */
  readonly passing: readonly string[];
  readonly lasting: readonly string[];
  /** For the user of a service, who may have neither. */
  readonly last: string;
}

export function ownFolders(): OwnFolders {
  const { runtime, state } = userFolders();
  const uid = process.getuid?.();
  const home = isAbsolute(homedir()) ? join(homedir(), '.local', 'state') : undefined;
  const within = (bases: readonly (string | undefined)[]) => [
    ...new Set(bases.flatMap((base) => (base && isAbsolute(base) ? [join(base, 'volley')] : []))),
  ];
  return {
    passing: within([runtime || (uid === undefined ? undefined : `/run/user/${uid}`)]),
    lasting: within([state || home]),
    last: join(tmpdir(), `volley-${uid ?? userInfo().username}`),
  };
}

export const ownFileName = (port: number) => `up-${port}.json`;

/** Where a `volley up` of this user left a password for the Redis on this port. */
export function ownPassword(port: number): OwnPassword {
  const why: string[] = [];
  const { passing, lasting, last } = ownFolders();
  for (const folder of [...passing, ...lasting, last]) {
    const file = join(folder, ownFileName(port));
    const found = readOwn(file);
    if (found === undefined) continue;
    if (typeof found === 'string') why.push(`${file} is not used: ${found}`);
    else if (found.port === port && found.host === hostname() && isRunning(found.pid)) {
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
