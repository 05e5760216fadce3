/**
 * What `REDIS_URL` may be, read strictly: what is not understood is refused, for a guess leads to another Redis, or to
 * another database of it. Pure. No word of a refusal quotes the URL: where a password is not encoded, any part of it may
 * be the password.
 *
 * - `redis://[user:password@]host[:port][/database]`, `rediss://…` the same with TLS
 * - `unix://[user:password@]/path/of.sock[?db=database]`
 *
 * User, password and path are percent-encoded. `?db=` stands for `/database`; `?family=4` or `6` chooses how a name is
 * looked up (0: either).
 */

/** Where a Redis is, and as whom it is spoken to. */
export interface RedisAddress {
  /** Of a socket file; then host and port mean nothing. */
  readonly path?: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly family?: number;
}

/** Why a URL is none that leads to a Redis, in words that quote nothing of it. */
export interface WrongAddress {
  readonly wrong: string;
}

export const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379';

const FORMS =
  'expected redis://[user:password@]host[:port][/database], rediss://… or unix:///path/of.sock';
const UNENCODED =
  'expected a user and password without characters that end them: write @ as %40, : as %3A, / as %2F, ? as %3F, ' +
  '# as %23, % as %25, a blank as %20 (or give it alone, in REDIS_PASSWORD)';
const DATABASE = 'expected the number of a database behind the host, as in redis://host:6379/2';

/** What ends a user or a password, or a URL, and so cannot stand in one. */
const ENDS = /[@/?#[\]\\\s]/;
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([\p{L}\p{N}._-]+))(?::(\d{1,5}))?$/iu;

type Login = Pick<RedisAddress, 'username' | 'password'>;
type Choices = Pick<RedisAddress, 'family'> & { database?: number };

/** Blanks around it are no part of it. */
export function readRedisUrl(text: string): RedisAddress | WrongAddress {
  const [, scheme = '', rest = ''] = /^(rediss?|unix):\/\/(.*)$/is.exec(text.trim()) ?? [];
  const isSocket = scheme.toLowerCase() === 'unix';
  if (scheme === '') return { wrong: FORMS };
  // A socket's path may have an @ in it; its user and password end at the first one.
  const at = isSocket && rest.startsWith('/') ? -1 : rest.lastIndexOf('@');
  const login = at < 0 ? {} : readLogin(rest.slice(0, at));
  if ('wrong' in login) return login;
  const [, place = '', query] = /^([^?#]*)(?:\?([^#]*))?$/s.exec(rest.slice(at + 1)) ?? [];
  const choices = readChoices(query);
  if ('wrong' in choices) return choices;
  const found = isSocket ? readSocket(place) : readPlace(place, choices);
  if ('wrong' in found) return found;
  const { database = 0, ...family } = choices;
  const tls = scheme.toLowerCase() === 'rediss';
  return { database, ...family, ...found, ...login, tls };
}

function readLogin(text: string): Login | WrongAddress {
  if (ENDS.test(text)) return { wrong: UNENCODED };
  const colon = text.indexOf(':');
  const username = decoded(colon < 0 ? text : text.slice(0, colon));
  const password = colon < 0 ? '' : decoded(text.slice(colon + 1));
  if (username === undefined || password === undefined) return { wrong: UNENCODED };
  return {
    ...(username !== '' && { username }),
    // `user:@host`: some users have an empty one.
    ...((password !== '' || (username !== '' && colon >= 0)) && { password }),
  };
}

function readSocket(place: string): Pick<RedisAddress, 'path' | 'host' | 'port'> | WrongAddress {
  const path = decoded(place);
  const wrong = 'expected the absolute path of a socket, as in unix:///run/redis.sock?db=2';
  if (!path?.startsWith('/') || path.length < 2 || path.includes('\0')) return { wrong };
  return { path, host: '', port: 0 };
}

function readPlace(
  place: string,
  choices: Choices,
): (Pick<RedisAddress, 'host' | 'port'> & { database?: number }) | WrongAddress {
  const slash = place.indexOf('/');
  const [, six, name, digits] = AUTHORITY.exec(slash < 0 ? place : place.slice(0, slash)) ?? [];
  const host = six ?? name;
  if (host === undefined) return { wrong: FORMS };
  const port = Number(digits ?? 6379);
  if (port < 1 || port > 65_535) return { wrong: 'expected a port from 1 to 65535' };
  const behind = slash < 0 ? '' : place.slice(slash + 1);
  if (behind === '') return { host, port };
  if (!/^\d{1,9}$/.test(behind)) return { wrong: DATABASE };
  const database = Number(behind);
  if (choices.database !== undefined && choices.database !== database) {
    return { wrong: 'expected one database, not another one in db=' };
  }
  return { host, port, database };
}

function readChoices(query: string | undefined): Choices | WrongAddress {
  let choices: Choices = {};
  for (const part of (query ?? '').split('&')) {
    if (part === '') continue;
    const [, name, digits] = /^(db|family)=(\d{1,9})$/.exec(part) ?? [];
    const value = Number(digits);
    if (name === 'db' && choices.database === undefined) {
      choices = { ...choices, database: value };
    } else if (name === 'family' && [0, 4, 6].includes(value)) {
      choices = { ...choices, family: value };
    } else {
      return { wrong: 'expected nothing behind the ? but db=NUMBER and family=0, 4 or 6' };
    }
  }
  return choices;
}

/** @returns undefined where it is not percent-encoded as it must be */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The URL of an address that was read: every character of user and password that might end them is encoded. */
export function redisUrlOf(address: RedisAddress): string {
  const { username = '', password, tls } = address;
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const login = username === '' && secret === '' ? '' : `${encodeURIComponent(username)}${secret}@`;
  const scheme = address.path === undefined ? (tls ? 'rediss' : 'redis') : 'unix';
  return `${scheme}://${login}${placeOf(address)}`;
}

/** The address without user and password, fit for a screen and a log. */
export function shownAddress(address: RedisAddress): string {
  const { username: _username, password: _password, ...rest } = address;
  return redisUrlOf(rest);
}

function placeOf({ path, host, port, database, family }: RedisAddress): string {
  const isSocket = path !== undefined;
  const name = host.includes(':') ? `[${host}]` : host;
  const query = [
    ...(isSocket && database > 0 ? [`db=${database}`] : []),
    ...(family === undefined ? [] : [`family=${family}`]),
  ].join('&');
  const behind = !isSocket && database > 0 ? `/${database}` : '';
  const place = isSocket ? encodeURI(path).replace(/[?#]/g, encodeURIComponent) : `${name}:${port}`;
  return place + behind + (query === '' ? '' : `?${query}`);
}

/** Whether it is on this machine, by an address that nobody else can have. */
export function isLoopback({ path, host }: Pick<RedisAddress, 'path' | 'host'>): boolean {
  return path === undefined && /^(127\.\d+\.\d+\.\d+|localhost|::1)$/i.test(host);
}
