/** Whose certificates are believed: Node's own authorities, and those of `ENGAGELAB_CA_FILE` beside them. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { describeError, VolleyError } from '../errors.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Made once: to read all of them again for each connection would take longer than connecting.
 * @throws VolleyError `bad_config` where the file cannot be read, or holds none
 */
export function believing(caFile: string): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), ...readFile(caFile)] });
}

function readFile(caFile: string): string[] {
  try {
    const found = readFileSync(caFile, 'utf8').match(PEM);
    if (!found) throw new Error('no certificate is in it');
    for (const each of found) new X509Certificate(each);
    return found;
  } catch (error) {
    const words = 'expected a file with certificates of authorities, as PEM, got';
    throw new VolleyError(
      'bad_config',
      `ENGAGELAB_CA_FILE: ${words} ${JSON.stringify(caFile)}: ${describeError(error)}`,
    );
  }
}
