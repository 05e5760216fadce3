/**
 * What `volley up` writes down of its Redis's password, each readable by its user alone: in the folder of the data, so
 * that the next one goes on with it, and where the other commands of this user look (`shared/own-redis.ts`).
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isRunning, OwnRedis, ownFileName, ownFolders } from '../shared/own-redis.ts';

/** The server reads its password here: a command line is for all to see. */
const SETTINGS = 'up.conf';

/** The password that stands in this folder. A restarted `volley up` has it again: workers beside it come back by it. */
export function keptPassword(folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, SETTINGS), 'utf8');
    return /^requirepass "?([A-Za-z0-9_-]{16,})"?$/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** Of letters that a server's settings, and a URL, take as they are. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** @returns the path of a file of settings that gives the server its password */
export function writeServerSettings(folder: string, password: string): string {
  const file = join(folder, SETTINGS);
  writePrivately(file, `requirepass ${password}\n`);
  return file;
}

/** Whole or not at all, and never others' to read, not for a moment. */
function writePrivately(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  // One that is there may be open to others already.
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
}

/** Tells the other commands of this user, wherever they look. */
export class PasswordFile {
  /** Where it stands; none where this user has no folder to write to. */
  readonly #paths: string[];
  readonly #text: string;

  constructor(own: Omit<OwnRedis, 'host'>) {
    this.#text = `${JSON.stringify({ ...own, host: hostname() })}\n`;
    const { lasting, passing, last } = ownFolders();
    const write = (folder: string, mayMakeAbove: boolean) =>
      tryToWrite(folder, mayMakeAbove, own.port, this.#text);
    this.#paths = [
      ...passing.flatMap((folder) => write(folder, false)),
      // What is there only for a session goes with it; a `volley up` may go on.
      ...lasting.flatMap((folder) => write(folder, true)),
    ];
    if (this.#paths.length === 0) this.#paths = write(last, false);
  }

  get path(): string | undefined {
    return this.#paths[0];
  }

  /** Unless it is another's by now. */
  remove(): void {
    for (const path of this.#paths) {
      try {
        if (readFileSync(path, 'utf8') === this.#text) rmSync(path);
      } catch {
        // It is gone already.
      }
    }
  }
}

/** @returns the path; none where it cannot be written */
function tryToWrite(folder: string, mayMakeAbove: boolean, port: number, text: string): string[] {
  try {
    if (mayMakeAbove) mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    const found = lstatSync(folder);
    // In a folder that everybody may write to, somebody else may have made ours.
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return [];
    chmodSync(folder, 0o700);
    removeLeftovers(folder);
    const path = join(folder, ownFileName(port));
    writePrivately(path, text);
    return [path];
  } catch {
    return [];
  }
}

/** What a killed `volley up` left. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/^up-\d+\.json$/.test(name)) continue;
    const path = join(folder, name);
    try {
      const { host, pid } = OwnRedis.parse(JSON.parse(readFileSync(path, 'utf8')));
      if (host === hostname() && !isRunning(pid)) rmSync(path);
    } catch {
      // Not ours to judge.
    }
  }
}
