/**
 * Secrets that are files, as containers are given them: `REDIS_PASSWORD_FILE=/run/secrets/redis` stands for
 * `REDIS_PASSWORD`. What is in a file is never shown.
 */
import { readFileSync } from 'node:fs';

/** Each may be given as a file, by the name of the variable that ends in `_FILE`. */
export const SECRETS = [
  'REDIS_URL',
  'REDIS_USERNAME',
  'REDIS_PASSWORD',
  'REDIS_TLS_KEY',
  'ENGAGELAB_DEV_KEY',
  'ENGAGELAB_DEV_SECRET',
] as const;

export const fileFormOf = (name: string) => `${name}_FILE`;

/** No secret of ours is as long. What is longer is another file than was meant. */
const MOST_BYTES = 64 * 1024;

/**
 * What the files hold, by the names of the variables they stand for.
 * @returns `wrong`: a line for each that cannot be taken, which names variable and path
 */
export function readSecretFiles(environment: NodeJS.ProcessEnv): {
  found: Record<string, string>;
  wrong: string[];
} {
  const found: Record<string, string> = {};
  const wrong: string[] = [];
  for (const name of SECRETS) {
    const form = fileFormOf(name);
    const path = environment[form];
    if (!path) continue;
    if (environment[name]) {
      wrong.push(`${form}: expected one of ${name} and ${form}, got both`);
      continue;
    }
    const { text, why } = readSecret(path);
    // One who gives the URL itself in place of a path must not find its password on the screen.
    const shown = path.includes('://') ? 'a URL that is not shown' : path;
    if (text === undefined) {
      wrong.push(`${form}: expected a file with the secret, got ${shown}: ${why}`);
    } else found[name] = text;
  }
  return { found, wrong };
}

function readSecret(path: string): { text?: string; why?: string } {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MOST_BYTES) return { why: `it has more than ${MOST_BYTES} bytes` };
    // Editors and `echo` end a file with a line's end, which is no part of the secret.
    const text = bytes.toString('utf8').replace(/[\r\n]+$/, '');
    return text === '' ? { why: 'it is empty' } : { text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const words: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'this user may not read it',
      EISDIR: 'it is a folder',
    };
    return { why: words[code] ?? code };
  }
}
