/**
 * How a connection gets in: as whom, and to which database. ioredis goes on in database 0 where the one that was asked
 * for is refused; here that connection fails. A Redis on the loopback that wants a password of whoever has none is told
 * the one that `volley up` left for its user. No error of these commands has a password in it.
 */
import { Command, Redis } from 'ioredis';
import { ownPassword } from '../own-redis.ts';
import { isLoopback } from '../redis-address.ts';

/** Of the connection that is being made: why its database was refused. */
const refusals = new WeakMap<Redis, Error>();
/** Those that `volley up`'s password was told for. */
const told = new WeakSet<Redis>();

export class EnteringRedis extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    if (this.condition?.handshake) {
      const send = (another: Command) => {
        super.sendCommand(another);
        return another.promise;
      };
      if (command.name === 'hello') watchHello(this, command, send);
      else if (command.name === 'auth') watchAuth(command);
      else if (command.name === 'select') watchSelect(this, command, send);
      else if (command.name === 'info' && refusals.has(this)) {
        // What is refused here makes ioredis give the connection up, with everything that waits for it.
        command.reject(refusals.get(this) ?? new Error());
        return command.promise;
      }
    }
    return super.sendCommand(command, stream);
  }
}

type Send = (command: Command) => Promise<unknown>;

function watchAuth(command: Command): void {
  const { reject, args } = command;
  command.reject = (error) => reject(withoutSecrets(error, args));
}

/** The first command of a connection. It has user and password in it, if there are any. */
function watchHello(redis: Redis, command: Command, send: Send): void {
  refusals.delete(redis);
  told.delete(redis);
  const { reject, args } = command;
  command.reject = (error) => {
    const { host = '', port = 0, path } = redis.options;
    const isOurs = isLoopback({ host, ...(path !== undefined && { path }) });
    if (!isNoAuth(error) || args.length > 1) return reject(withoutSecrets(error, args.slice(2)));
    const { password, file, why } = isOurs ? ownPassword(port) : { why: [] };
    if (password === undefined) return reject(refusal(wanted(isOurs ? port : undefined, why)));
    told.add(redis);
    const again = new Command('hello', [...args.map(String), 'AUTH', 'default', password], {
      replyEncoding: 'utf8',
    });
    send(again).then(command.resolve, (refused: Error) => {
      if (!/^WRONGPASS/.test(refused.message)) return reject(withoutSecrets(refused, [password]));
      reject(refusal(wanted(port, [`it refuses the one that a volley up left in ${file}`])));
    });
  };
}

function watchSelect(redis: Redis, command: Command, send: Send): void {
  refusals.delete(redis);
  const { reject, args } = command;
  const note = (error: Error) => {
    if (error.name !== 'ReplyError') return reject(error);
    refusals.set(redis, refusal(noDatabase(String(args[0]), error.message)));
    command.resolve('OK');
  };
  command.reject = (error) => {
    if (!isNoAuth(error) || !told.has(redis)) return note(error);
    send(new Command('select', args.map(String), { replyEncoding: 'utf8' })).then(
      command.resolve,
      note,
    );
  };
}

function isNoAuth(error: Error): boolean {
  return error.name === 'ReplyError' && error.message.startsWith('NOAUTH');
}

function wanted(port: number | undefined, why: readonly string[]): string {
  const where = port === undefined ? 'host:6379' : `127.0.0.1:${port}`;
  const give = `it wants a password; give it in REDIS_URL, as in redis://:PASSWORD@${where}`;
  if (port === undefined) return give;
  const others =
    'where another user runs volley up, that user has the password, in a file that it names';
  return [give, ...(why.length > 0 ? why : [others])].join('; ');
}

function noDatabase(database: string, message: string): string {
  const what = /out of range/i.test(message)
    ? `it has no database ${database}`
    : // ioredis lets a connection in whose error has this word in it.
      `it refuses database ${database} (${message.replace(/NOPERM/g, 'no permission')})`;
  return `${what}; REDIS_URL names it behind the host`;
}

/** A refusal of Redis, in words that say how to mend it. */
function refusal(words: string): Error {
  return Object.assign(new Error(words), { name: 'ReplyError' });
}

/** Redis quotes what it does not understand, and ioredis adds the command to the error. */
function withoutSecrets(error: Error, secrets: Command['args']): Error {
  const before = error.message;
  let words = before.replace(/,? with args beginning with:.*$/s, '');
  for (const secret of secrets.map(String)) {
    if (secret.length > 3) words = words.replaceAll(secret, '***');
  }
  error.message = words;
  error.stack = `${error.name}: ${words}`;
  if ('command' in error) error.command = { name: 'hello', args: [] };
  return error;
}
