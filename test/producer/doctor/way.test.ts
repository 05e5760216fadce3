import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tlsFinding } from '../../../src/producer/doctor/way.ts';
import { CERTIFICATE } from '../../support/far-proxy.ts';

const DAY_MS = 86_400_000;

test.for([
  [15, 'ok'],
  [13, 'warning'],
  [-1, 'warning'],
] as const)('a certificate that is good for %i days yet: %s', ([days, status]) => {
  const certificate = new X509Certificate(readFileSync(CERTIFICATE));
  const socket = {
    getProtocol: () => 'TLSv1.3',
    getPeerX509Certificate: () => certificate,
  };
  const leftMs = days * DAY_MS;
  const now = Date.parse(certificate.validTo) - leftMs;
  expect(tlsFinding(socket, now)).toMatchObject({ check: 'tls', status, leftMs });
});
