/** What `volley doctor` found on the way to EngageLab, in words, and how to mend it. */
import type { Finding } from '../../producer/producer.ts';
import { span } from './figures.ts';

type Of<Check extends Finding['check']> = Extract<Finding, { check: Check }>;
type Words = readonly [detail: string, mend: string];

export function nameWords({ name, addresses, error }: Of<'name'>): Words {
  if (error === undefined) return [`${name} is ${addresses.join(', ')}`, ''];
  return [
    `${name}: ${error}`,
    'No address is known for it here. Is it spelt right, and does this machine reach its name server? ' +
      'Behind a proxy HTTPS_PROXY must be set.',
  ];
}

export function proxyWords({ found, host, proxy, variable, error }: Of<'proxy'>): Words {
  switch (found) {
    case 'none':
      return ['none is set', ''];
    case 'excepted':
      return [`none: NO_PROXY has ${host} reached without one`, ''];
    case 'used':
      return [`${proxy} (${variable})`, ''];
    case 'refused':
      return [
        error ?? '',
        `Mend ${variable}, as in http://user:password@proxy.example:3128; or the proxy must be told to let this ` +
          `machine through to ${host}. Where ${host} is reached without one, name it in NO_PROXY.`,
      ];
  }
}

export function engageLabWords({ baseUrl, address, error }: Of<'engagelab'>): Words {
  return [
    error === undefined ? `${baseUrl}, connected to ${address}` : `${baseUrl}: ${error}`,
    'ENGAGELAB_BASE_URL must be reachable from here; a proxy (HTTPS_PROXY) or firewall may stand in the way.',
  ];
}

/** Whoever signed it is not known here. */
const UNKNOWN_AUTHORITY = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

export function tlsWords({ protocol, certificate, leftMs, error, code }: Of<'tls'>): Words {
  const shown = certificate
    ? `certificate of ${certificate.subject}, issued by ${certificate.issuer}, valid until ` +
      `${new Date(certificate.validUntil).toISOString()}`
    : undefined;
  if (error !== undefined) return [shown ? `${error}; ${shown}` : error, tlsMend(code)];
  const left = leftMs === undefined ? '' : ` (${span(leftMs / 1000)})`;
  return [
    `${protocol}, ${shown ?? 'no certificate'}${left}`,
    'It ends soon, and then nothing is sent any more: whoever runs that end must renew it.',
  ];
}

function tlsMend(code: string | undefined): string {
  if (code !== undefined && UNKNOWN_AUTHORITY.has(code)) {
    return (
      'An authority that is not known here signed it, such as that of a proxy that reads along. If it is yours, set ' +
      'ENGAGELAB_CA_FILE to a file with its certificate (PEM).'
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'The certificate is for another name: compare ENGAGELAB_BASE_URL.';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return "Compare this machine's clock; if it is right, whoever runs that end must renew it.";
  return 'Whatever answers there speaks no TLS that this machine understands: is ENGAGELAB_BASE_URL right?';
}
