/**
 * Every command that Volley sends to Redis, itself, from its scripts or from those of BullMQ that it uses; and how each
 * is tried without doing anything. Nothing is tried here: `rights.ts` does.
 */
export interface Trial {
  /** As an ACL names it, a subcommand behind `|`. */
  readonly command: string;
  /**
   * @param probe a string, so that a command for another kind of key is refused there, once it is known whether it may
   *   be run
   * @param absent a key that is not there
   */
  readonly args: (probe: string, absent: string) => string[];
}

/** So many arguments that Redis looks at the right; what they say is wrong, or of no effect. */
const OF: Readonly<Record<string, Trial['args']>> = {
  bzpopmin: (probe) => [probe, '0.01'],
  eval: () => ['return 1', '0'],
  evalsha: () => ['0'.repeat(40), '0'],
  info: () => ['server'],
  ping: () => [],
  time: () => [],
  // Of a key that is not there.
  del: none(),
  unlink: none(),
  exists: none(),
  get: none(),
  set: none('', 'XX'),
  pexpire: none('1000'),
  pttl: none(),
  persist: none(),
  rename: (_probe, absent) => [absent, absent],
  'memory|usage': (_probe, absent) => ['USAGE', absent],
  // Of a string that is no number.
  incr: on(),
  incrby: on('1'),
  decrby: on('1'),
  // Of what the probe is not.
  hdel: on('f'),
  hexists: on('f'),
  hget: on('f'),
  hgetall: on(),
  hincrby: on('f', '1'),
  hkeys: on(),
  hlen: on(),
  hmget: on('f'),
  hmset: on('f', ''),
  hscan: on('0'),
  hset: on('f', ''),
  hsetnx: on('f', ''),
  lindex: on('0'),
  llen: on(),
  lpos: on(''),
  lpush: on(''),
  lrange: on('0', '0'),
  lrem: on('0', ''),
  ltrim: on('0', '0'),
  rpop: on(),
  rpoplpush: (probe) => [probe, probe],
  rpush: on(''),
  sadd: on(''),
  scard: on(),
  sismember: on(''),
  smembers: on(),
  srem: on(''),
  xadd: on('*', 'f', ''),
  xtrim: on('MAXLEN', '1'),
  zadd: on('0', ''),
  zcard: on(),
  zcount: on('0', '0'),
  zpopmin: on(),
  zrandmember: on(),
  zrange: on('0', '0'),
  zrangebyscore: on('0', '0'),
  zrank: on(''),
  zrem: on(''),
  zremrangebyrank: on('0', '0'),
  zremrangebyscore: on('0', '0'),
  zrevrange: on('0', '0'),
  zrevrangebyscore: on('0', '0'),
  zscan: on('0'),
  zscore: on(''),
  // An empty transaction. Where EXEC is refused, it ends too.
  multi: () => [],
  exec: () => [],
};

/** In the order in which they are tried. */
export const NEEDED: readonly Trial[] = Object.entries(OF).map(([command, args]) => ({
  command,
  args,
}));

function on(...more: string[]): Trial['args'] {
  return (probe) => [probe, ...more];
}

function none(...more: string[]): Trial['args'] {
  return (_probe, absent) => [absent, ...more];
}
