/**
 * The way to EngageLab: through a proxy or not, and whose certificates are believed. Worker and doctor walk the same
 * one. It makes connections; it writes no request, and keeps none.
 *
 * A connection is handed over when it has come to EngageLab itself, its TLS made. Whatever fails before has sent
 * nothing, and says at which step.
 */
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { describeError } from '../errors.ts';
import { believing } from './authorities.ts';
import { type ProxySettings, proxyFor, type TunnelProxy } from './proxy.ts';

export interface WaySettings extends ProxySettings {
  baseUrl: string;
  /** PEM. */
  caFile?: string | undefined;
}

export interface WayOptions {
  /** For all of it: proxy, connection, TLS. */
  timeoutMs: number;
  /** Only to look at a certificate that nobody vouches for, never to send anything. */
  believesAll?: true;
}

/** A failure on the way through a proxy. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** `proxy`: it let nobody through. `far_end`: it did, and there it failed. */
  readonly step: 'proxy' | 'far_end';
  /** Of whatever failed; none that undici takes for a reason to try again by itself. */
  readonly code: string | undefined;

  constructor(step: 'proxy' | 'far_end', words: string, cause: Error | undefined) {
    super(words, { cause });
    this.step = step;
    const code: unknown = cause && Reflect.get(cause, 'code');
    this.code = typeof code === 'string' && !code.startsWith('UND_ERR_') ? code : undefined;
  }
}

export class Way {
  readonly #url: URL;
  /** `excepted`: there is one, and `NO_PROXY` says that it is not for EngageLab. */
  readonly proxy: TunnelProxy | 'excepted' | undefined;
  readonly connect: buildConnector.connector;

  /** @throws VolleyError `bad_config` where a proxy or the file of authorities cannot be used */
  constructor(settings: WaySettings, { timeoutMs, believesAll }: WayOptions) {
    this.#url = new URL(settings.baseUrl);
    const { caFile } = settings;
    const tls = { timeout: timeoutMs, ...(caFile && { secureContext: believing(caFile) }) };
    const direct = buildConnector({
      ...tls,
      allowH2: false,
      ...(believesAll && { rejectUnauthorized: false }),
    });
    this.proxy = proxyFor(this.#url, settings, tls);
    this.connect = typeof this.proxy === 'object' ? through(this.proxy, direct, timeoutMs) : direct;
  }

  get isTunnelled(): boolean {
    return typeof this.proxy === 'object';
  }

  /** One connection, for whoever wants to look at it. */
  open(): Promise<Socket> {
    const { protocol, host, hostname, port } = this.#url;
    const bare = hostname.replace(/^\[|\]$/g, '');
    return new Promise((resolve, reject) => {
      this.connect({ protocol, host, hostname: bare, port }, (error, socket) =>
        error ? reject(error) : resolve(socket),
      );
    });
  }

  async close(): Promise<void> {
    if (typeof this.proxy === 'object') await this.proxy.close();
  }
}

/** First the tunnel, then the same TLS in it as without one; one deadline for both. */
function through(
  { name, tunnel }: TunnelProxy,
  direct: buildConnector.connector,
  timeoutMs: number,
): buildConnector.connector {
  return (options, callback) => {
    const stop = new AbortController();
    let isOver = false;
    const end = (error: Error | null, socket: Socket | null) => {
      if (isOver) return void discard(socket);
      isOver = true;
      clearTimeout(deadline);
      if (error) callback(error, null);
      else if (socket) callback(null, socket);
    };
    const fail = (step: 'proxy' | 'far_end', what: string, cause?: Error) =>
      end(new ProxyError(step, `the proxy ${name}: ${what}`, cause), null);
    let reached: Socket | undefined;
    const deadline = setTimeout(() => {
      fail(reached ? 'far_end' : 'proxy', `no connection through it within ${timeoutMs} ms`);
      stop.abort();
      discard(reached);
    }, timeoutMs);
    tunnel({ ...asTunnel(options), signal: stop.signal }, (error, socket) => {
      if (error) return fail('proxy', refusalWords(error), error);
      if (isOver || options.protocol !== 'https:') return end(null, socket);
      reached = socket;
      direct({ ...options, httpSocket: socket }, (failed, secure) => {
        if (!failed) return end(null, secure);
        discard(socket);
        fail('far_end', `it let us through, but then TLS failed: ${describeError(failed)}`, failed);
      });
    });
  };
}

/** Asked for `http:`, undici's agent hands the tunnel over as it is. Of an `https:` origin it names the port. */
function asTunnel(options: buildConnector.Options): buildConnector.Options {
  const port = options.port || (options.protocol === 'https:' ? '443' : '80');
  const host = options.port ? options.host : `${options.host}:${port}`;
  return { ...options, protocol: 'http:', port, ...(host && { host }) };
}

/** It says it only in words. */
const ANSWERED = /^Proxy response \((\d+)\)/;

function refusalWords(error: Error): string {
  const status = ANSWERED.exec(error.message)?.[1];
  if (status === undefined) return `it does not let us through: ${describeError(error)}`;
  const login = status === '407' ? ': it wants a user and password, or others' : '';
  return `it answered HTTP ${status} in place of a connection${login}; EngageLab was not reached`;
}

function discard(socket: Socket | null | undefined): void {
  socket?.on('error', () => {}).destroy();
}
