/**
 * What Volley needs of Redis: which commands, on which keys, and on what Redis (no replica). It is tried before anything
 * is done, in one round trip and without a trace: a user of Redis may lack a right, and a command may have been renamed.
 * `ACL DRYRUN` would tell too, but is younger than the oldest Redis, and a right of its own.
 *
 * That the table is true is tried by a campaign under just these rights: test/shared/redis/rights.test.ts.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import { readRedisUrl } from '../redis-address.ts';
import { isRefusal, whereIs, wordsOf } from './connection.ts';
import type { Keys } from './keys.ts';
import { NEEDED } from './rights-table.ts';

/** Should it be left behind, for the right to remove it is what is missing. */
const PROBE_MS = 10_000;

/** What Redis does not let us do. */
export interface Missing {
  /** Commands that the user may not run, as in `hset` or `memory|usage`. */
  readonly commands: readonly string[];
  /** Commands that Redis does not know: renamed, or switched off. */
  readonly unknown: readonly string[];
  /** What the keys begin with that the user may not touch. */
  readonly keys: readonly string[];
}

export interface Tried {
  readonly missing: Missing;
  /** Why Redis takes nothing from anybody, such as a replica; undefined where it does. */
  readonly unwritable: string | undefined;
}

/** @throws an error of the connection, as it is */
export async function tryRights(redis: Redis, keys: Keys): Promise<Tried> {
  const probe = keys.fleet.probe(randomBytes(6).toString('hex'));
  const [{ absent } = { absent: probe }] = keys.areas;
  const question = redis.pipeline().set(probe, 'probe', 'PX', PROBE_MS).info('replication');
  for (const { absent: key } of keys.areas) question.get(key).set(key, '', 'XX');
  for (const { command, args } of NEEDED)
    question.call(command.replace(/\|.*/, ''), ...args(probe, absent));
  question.unlink(probe);
  const [made, role, ...rest] = ((await question.exec()) ?? []).map(outcomeOf);
  const areas = rest.splice(0, 2 * keys.areas.length);
  const which = (came: Came) =>
    NEEDED.filter((_each, at) => rest[at]?.came === came).map(({ command }) => command);
  const isShut = (at: number) =>
    areas.slice(2 * at, 2 * at + 2).some(({ came }) => came === 'no key');
  return {
    missing: {
      commands: which('no right'),
      unknown: which('unknown'),
      keys: keys.areas.filter((_each, at) => isShut(at)).map(({ begin }) => begin),
    },
    unwritable: replicaWords(role?.reply) ?? unwritableWords(made),
  };
}

/** @throws VolleyError `unavailable` where Redis does not let us do all that is needed */
export async function refuseWithoutRights(redis: Redis, keys: Keys, url: string): Promise<void> {
  const { missing, unwritable } = await tryRights(redis, keys);
  const lack = lackIn(missing, url, keys);
  const words = lack ? `${lack.what}\n${lack.mend}` : unwritable;
  if (words !== undefined) throw new VolleyError('unavailable', `${whereIs(url)}: ${words}`);
}

/** @returns undefined where nothing is missing */
export function lackIn(
  { commands, unknown, keys: shut }: Missing,
  url: string,
  keys: Keys,
): { what: string; mend: string } | undefined {
  const user = userIn(url);
  const lacks = [
    ...(commands.length > 0 ? [`run ${upper(commands)}`] : []),
    ...(shut.length > 0
      ? [`touch the keys ${shut.map((begin) => `${begin}*`).join(' and ')}`]
      : []),
  ];
  const what = lacks.length > 0 ? [`its user ${user} may not ${lacks.join(', nor ')}`] : [];
  const mend = lacks.length > 0 ? [`What Volley needs: ${aclLine(user, keys)}`] : [];
  if (unknown.length > 0) {
    what.push(`it does not know ${upper(unknown)}`);
    mend.push('Volley needs each command by its name: no rename-command in its configuration.');
  }
  return what.length > 0 ? { what: what.join('; '), mend: mend.join(' ') } : undefined;
}

/** Gives a user all that any part of Volley needs, and takes nothing from it. */
export function aclLine(user: string, { areas }: Pick<Keys, 'areas'>): string {
  const rights = NEEDED.map(({ command }) => `+${command}`).sort();
  return ['ACL SETUSER', user, ...areas.map(({ begin }) => `~${begin}*`), ...rights].join(' ');
}

/** Of the URL, where the user may have been left to be the default one. */
function userIn(url: string): string {
  const address = readRedisUrl(url);
  return ('wrong' in address ? undefined : address.username) ?? 'default';
}

function upper(commands: readonly string[]): string {
  return commands.map((command) => command.toUpperCase().replace('|', ' ')).join(', ');
}

type Came = 'done' | 'no right' | 'no key' | 'unknown' | 'refused';
interface Outcome {
  readonly came: Came;
  readonly reply?: unknown;
  readonly error?: Error;
}

/** @throws an error of the connection, as it is */
function outcomeOf([error, reply]: [Error | null, unknown]): Outcome {
  if (!error) return { came: 'done', reply };
  if (!isRefusal(error)) throw error;
  return { came: cameOf(error.message), error };
}

/** Whether a command may be run is looked at before anything else of it, and before the keys it names. */
function cameOf(message: string): Came {
  if (/^ERR unknown (command|subcommand)/i.test(message)) return 'unknown';
  // Of EXEC, Redis says first what became of the transaction.
  if (!/^(EXECABORT .*)?NOPERM/.test(message)) return 'refused';
  return /permissions to run|can't run this command/.test(message) ? 'no right' : 'no key';
}

/** Also where it takes writes, a replica loses them. */
function replicaWords(info: unknown): string | undefined {
  const text = String(info ?? '');
  if (!/^role:slave\b/m.test(text)) return undefined;
  const [host, port] = ['host', 'port'].map(
    (what) => new RegExp(`^master_${what}:(\\S+)`, 'm').exec(text)?.[1],
  );
  return `it is a replica, of ${host}:${port}; REDIS_URL must name the primary`;
}

/** What else than a right may keep Redis from taking anything: a full disk, too few replicas. */
function unwritableWords(made: Outcome | undefined): string | undefined {
  return made?.came === 'refused' ? wordsOf(made.error) : undefined;
}
