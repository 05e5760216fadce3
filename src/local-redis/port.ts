/** Ports of this machine: which are free, and who answers on one. */
import { once } from 'node:events';
import net from 'node:net';

export const HOST = '127.0.0.1';
/**
 * A large append-only file takes its time to load; a server that is still loading is not given up.
 */
const PING_TIMEOUT_MS = 1000;

/**
 * Whether this very server answers PING there: whoever took the port first would answer as well.
 */
export async function isAnswering(port: number, pid: number, password?: string): Promise<boolean> {
  const reply = await ask(port, password);
  return reply.includes('+PONG') && reply.includes(`process_id:${pid}\r\n`);
}

/** What the port replies to PING and INFO; what came until then if it closes or stays silent. */
function ask(port: number, password?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, HOST);
    const login = password === undefined ? '' : `AUTH ${password}\r\n`;
    let reply = '';
    socket.setTimeout(PING_TIMEOUT_MS, () => socket.destroy());
    socket.on('connect', () => socket.write(`${login}PING\r\nINFO server\r\nQUIT\r\n`));
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(reply));
  });
}

/** One that is free at this moment; it may be taken before it is used. */
export async function freePort(): Promise<number> {
  const listener = net.createServer().listen(0, HOST);
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  if (address === null || typeof address === 'string')
    throw new TypeError('expected a TCP address');
  return address.port;
}

export async function isFree(port: number): Promise<boolean> {
  const listener = net.createServer().listen(port, HOST);
  try {
    await once(listener, 'listening');
  } catch {
    return false;
  }
  listener.close();
  await once(listener, 'close');
  return true;
}
