/**
 * Says at once what an older Node would only show as an error deep inside a dependency. Imported before anything else.
 */
import { VolleyError } from './errors.ts';

const LEAST = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
  throw new VolleyError(
    'bad_config',
    `volley: expected Node ${LEAST.join('.')} or newer, got ${process.versions.node}`,
  );
}
