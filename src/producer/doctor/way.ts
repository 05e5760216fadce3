/**
 * The way to EngageLab, step by step, as a worker walks it: proxy, name, connection, TLS. It sends nothing.
 */
import type { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describeError } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/safe-url.ts';
import { ProxyError, Way, type WaySettings } from '../../shared/way/way.ts';
import type { Certificate, Finding } from './finding.ts';

/** A certificate that ends sooner is warned of. */
const SOON_MS = 14 * 86_400_000;

export interface Walk {
  findings: Finding[];
  /** To be ended by the caller; undefined where the way leads nowhere. */
  socket: Socket | undefined;
}

export async function walk(settings: WaySettings, timeoutMs: number): Promise<Walk> {
  const way = new Way(settings, { timeoutMs });
  const url = new URL(settings.baseUrl);
  const proxy = typeof way.proxy === 'object' ? way.proxy : undefined;
  const { hostname } = proxy?.url ?? url;
  try {
    const name = await nameFinding(hostname.replace(/^\[|\]$/g, ''));
    const findings = name ? [name] : [];
    if (name?.status === 'failed') return { findings, socket: undefined };
    try {
      const socket = await way.open();
      findings.unshift(proxyFinding(way, url.hostname));
      findings.push(connectionFinding(shownUrl(settings.baseUrl), socket));
      if (socket instanceof TLSSocket) findings.push(tlsFinding(socket, Date.now()));
      return { findings, socket };
    } catch (error) {
      const failed = await failureFinding(error, way, settings, timeoutMs);
      if (failed.check !== 'proxy') findings.unshift(proxyFinding(way, url.hostname));
      return { findings: [...findings, failed], socket: undefined };
    }
  } finally {
    await way.close();
  }
}

/** @returns undefined for what is an address itself */
async function nameFinding(name: string): Promise<Finding | undefined> {
  if (isIP(name)) return undefined;
  const found = { check: 'name', name } as const;
  try {
    const addresses = (await lookup(name, { all: true })).map(({ address }) => address);
    return { ...found, status: 'ok', addresses, error: undefined };
  } catch (error) {
    return { ...found, status: 'failed', addresses: [], error: describeError(error) };
  }
}

function proxyFinding({ proxy }: Way, host: string, error?: string): Finding {
  const of = typeof proxy === 'object' ? proxy : undefined;
  const about = { check: 'proxy', host, proxy: of?.name, variable: of?.variable, error } as const;
  if (error !== undefined) return { ...about, status: 'failed', found: 'refused' };
  return { ...about, status: 'ok', found: of ? 'used' : proxy === 'excepted' ? proxy : 'none' };
}

function connectionFinding(baseUrl: string, { remoteAddress, remotePort }: Socket): Finding {
  const at = remoteAddress?.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  const address = at && `${at}:${remotePort}`;
  return { check: 'engagelab', status: 'ok', baseUrl, address, error: undefined };
}

/** @param now Unix ms */
export function tlsFinding(
  socket: Pick<TLSSocket, 'getProtocol' | 'getPeerX509Certificate'>,
  now: number,
): Finding {
  const certificate = certificateOf(socket.getPeerX509Certificate());
  const leftMs = certificate && certificate.validUntil - now;
  const status = leftMs !== undefined && leftMs < SOON_MS ? 'warning' : 'ok';
  const protocol = socket.getProtocol() ?? undefined;
  return { check: 'tls', status, protocol, certificate, leftMs, error: undefined, code: undefined };
}

function certificateOf(of: X509Certificate | undefined): Certificate | undefined {
  const line = (name: string) => name.split('\n').join(', ');
  return (
    of && {
      subject: line(of.subject),
      issuer: line(of.issuer),
      validUntil: Date.parse(of.validTo),
    }
  );
}

async function failureFinding(
  error: unknown,
  way: Way,
  settings: WaySettings,
  timeoutMs: number,
): Promise<Finding> {
  const { baseUrl } = settings;
  const words = describeError(error);
  if (error instanceof ProxyError && error.step === 'proxy') {
    return proxyFinding(way, new URL(baseUrl).hostname, words);
  }
  if (!isOfTls(error, baseUrl)) {
    const failed = { check: 'engagelab', baseUrl: shownUrl(baseUrl), address: undefined } as const;
    return { ...failed, status: 'failed', error: words };
  }
  const code: unknown = Reflect.get(Object(error), 'code');
  const unknown = { protocol: undefined, leftMs: undefined };
  const certificate = await peek(settings, timeoutMs);
  const told = { error: words, code: typeof code === 'string' ? code : undefined };
  return { check: 'tls', status: 'failed', ...unknown, ...told, certificate };
}

/** What the system says of a connection, it says of a call; what TLS says, it does not. */
function isOfTls(error: unknown, baseUrl: string): boolean {
  if (!baseUrl.startsWith('https:')) return false;
  if (error instanceof ProxyError) return true;
  const of: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const said = Object(of);
  return !Reflect.has(said, 'syscall') && Reflect.get(said, 'code') !== 'UND_ERR_CONNECT_TIMEOUT';
}

/** The certificate that is not believed: its issuer says whose authority is missing. */
async function peek(settings: WaySettings, timeoutMs: number): Promise<Certificate | undefined> {
  const way = new Way(settings, { timeoutMs, believesAll: true });
  try {
    const socket = await way.open();
    const found = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    socket.on('error', () => {}).destroy();
    return certificateOf(found);
  } catch {
    return undefined;
  } finally {
    await way.close();
  }
}
