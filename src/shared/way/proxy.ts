/**
 * Which proxy stands on the way to an origin, if any, and undici's tunnel through it. What the variables mean, which
 * hosts `NO_PROXY` excepts and how CONNECT is spoken is all undici's: its own agent is asked for the connector that it
 * would use, and is never given a request, for it does not tell whether one was written. It reads no environment.
 */
import type { SecureContext } from 'node:tls';
import { type buildConnector, Client, EnvHttpProxyAgent, Pool } from 'undici';
import { VolleyError } from '../errors.ts';
import { shownUrl } from '../safe-url.ts';

export interface ProxySettings {
  httpsProxy?: string | undefined;
  httpProxy?: string | undefined;
  noProxy?: string | undefined;
}

/** Gives a connection to the far end as it comes out of the proxy, where it is asked for `http:`. */
export type Tunnel = (
  options: buildConnector.Options & { signal: AbortSignal },
  callback: buildConnector.Callback,
) => void;

export interface TunnelProxy {
  /** As it is shown: without its user and password. */
  name: string;
  /** The variable that names it. */
  variable: ProxyVariable;
  url: URL;
  tunnel: Tunnel;
  close(): Promise<void>;
}

export type ProxyVariable = 'HTTPS_PROXY' | 'HTTP_PROXY';

/** Takes the place of one that cannot be used, to ask whether it would have to be. */
const UNUSABLE = 'http://unusable.invalid';

/**
 * @returns `excepted`: there is one, and `NO_PROXY` says that it is not for this origin
 * @throws VolleyError `bad_config` where the one that is to be used cannot be
 */
export function proxyFor(
  origin: URL,
  settings: ProxySettings,
  tls: { timeout: number; secureContext?: SecureContext },
): TunnelProxy | 'excepted' | undefined {
  const variable =
    origin.protocol === 'https:' && settings.httpsProxy ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const given = variable === 'HTTPS_PROXY' ? settings.httpsProxy : settings.httpProxy;
  if (!given) return undefined;
  const url = parse(given);
  const { connect, close } = agentFor(origin, url?.href ?? UNUSABLE, settings.noProxy ?? '', tls);
  if (!connect) return 'excepted';
  if (!url) {
    const words = 'expected http://host:port or https://host:port, got a value that is not shown';
    throw new VolleyError('bad_config', `${variable}: ${words}`);
  }
  return { name: shownUrl(url.href), variable, url, tunnel: connect, close };
}

/** Without `http://` it is written often, and curl takes it so. */
function parse(given: string): URL | undefined {
  const text = given.includes('://') ? given : `http://${given}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && canDecode(url.username + url.password) ? url : undefined;
}

function canDecode(login: string): boolean {
  try {
    decodeURIComponent(login);
    return true;
  } catch {
    return false;
  }
}

/** Takes the place of a connection in undici's agent, and makes none. */
class Unused extends Client {
  override dispatch(): boolean {
    return true;
  }
}

function agentFor(
  origin: URL,
  proxy: string,
  noProxy: string,
  { timeout, ...proxyTls }: { timeout: number; secureContext?: SecureContext },
): { connect: Tunnel | undefined; close: () => Promise<void> } {
  let connect: Tunnel | undefined;
  const agent = new EnvHttpProxyAgent({
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy,
    proxyTls,
    connectTimeout: timeout,
    // What is passed on untunnelled, a proxy answers in EngageLab's place where it fails: a 502 for
    // a request that may have arrived.
    proxyTunnel: true,
    // One that takes a connection and says nothing.
    clientFactory: (url, options) => new Pool(url, { ...options, headersTimeout: timeout }),
    // Where it would connect without a proxy, it has no connector of its own.
    factory: (_origin, options) => {
      const own: unknown = Reflect.get(options, 'connect');
      if (isTunnel(own)) connect = own;
      return new Unused(origin);
    },
  });
  agent.dispatch({ origin, path: '/', method: 'GET' }, {});
  return { connect, close: () => agent.close() };
}

function isTunnel(value: unknown): value is Tunnel {
  return typeof value === 'function';
}
