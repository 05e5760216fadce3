/** Where the server is: an installed `redis-server` or `valkey-server`. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { VolleyError } from '../shared/errors.ts';

const PROGRAMS = ['redis-server', 'valkey-server'];
const INSTALL_COMMANDS = {
  'apt-get': 'sudo apt-get install redis-server',
  apk: 'sudo apk add redis',
  dnf: 'sudo dnf install valkey',
  zypper: 'sudo zypper install redis',
  pacman: 'sudo pacman -S valkey',
  brew: 'brew install redis',
};

/** @throws VolleyError `unavailable`, with what would install one here */
export function serverProgram(path: string): string {
  const program = findProgram(PROGRAMS, path);
  if (program !== undefined) return program;
  throw new VolleyError('unavailable', missingProgram(path));
}

/** The first of `names` that is an executable file in the folders of `path`, name before folder. */
export function findProgram(names: readonly string[], path: string): string | undefined {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      const file = resolve(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

function missingProgram(path: string): string {
  const help = Object.entries(INSTALL_COMMANDS).find(([name]) => findProgram([name], path))?.[1];
  const expected = `expected ${PROGRAMS.join(' or ')} on the PATH, found neither.`;
  return `${expected} ${help ? `This would help: ${help}` : 'Install Redis 6.2 or newer, or Valkey.'}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
