/** What a server's log says of its append-only file and its disk, in words that say what to do. It opens no file. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shellWord } from '../shared/shell.ts';

/** A write that is cut short is the first that a full disk does. */
const FULL =
  /no space left on device|disk quota exceeded|short write while writing to the AOF file/i;
const BROKEN =
  /bad file format reading the append only file|unexpected end of file reading the append only file|unrecoverable error reading the append only file/i;
const CUT = /truncating the AOF (\S+ )?at offset/i;

/** Whether it is an error of the system's that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function diskFull(folder: string): string {
  return (
    `no space is left on the disk of ${folder}. Make room there, then start it again: ` +
    'whatever was acknowledged is in the file'
  );
}

/** @param lines of the server's log, the last ones. @returns undefined where they tell of neither */
export function reasonIn(lines: readonly string[], folder: string): string | undefined {
  if (lines.some((line) => FULL.test(line))) return diskFull(folder);
  const broken = lines.findLast((line) => BROKEN.test(line));
  return broken === undefined ? undefined : brokenFile(broken, resolve(folder));
}

/** @returns undefined where the server has cut nothing off */
export function cutIn(lines: readonly string[]): string | undefined {
  const cut = lines.find((line) => CUT.test(line));
  if (cut === undefined) return undefined;
  return (
    'Redis cut an unfinished write off the end of its append-only file, as a crash leaves one. ' +
    'With more than one cut off, who was texted last is not on record and may be texted again ' +
    `(Redis: ${cut.replaceAll('!', '').trim()})`
  );
}

function brokenFile(said: string, folder: string): string {
  // Since Redis 7 it is several files, which a manifest names; the check takes that.
  const manifest = join(folder, 'appendonlydir', 'appendonly.aof.manifest');
  const whole = existsSync(manifest) ? manifest : join(folder, 'appendonly.aof');
  const name = /append only file (\S+\.(?:aof|rdb))\b/i.exec(said)?.[1];
  const file = name === undefined ? whole : join(folder, 'appendonlydir', name);
  return (
    `the append-only file is broken: ${file}. Copy ${folder} somewhere first. Then ` +
    `redis-check-aof --fix ${shellWord(whole)} cuts it off where it is broken, and it starts again. ` +
    'What was written behind that place is lost: whoever was texted then is not on record, and is texted ' +
    'again once a worker runs. docs/operations.md says how to look first'
  );
}
