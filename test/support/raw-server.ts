/** A far end of bytes, for what no HTTP server would answer. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  /** On this connection, and on all of them, from 1. */
  nth: number;
  count: number;
  body: string;
}

/**
 * Calls `onRequest` once the head and the whole body of a request are there.
 * @returns its URL
 */
export async function startRaw(
  onRequest: (socket: Socket, request: RawRequest) => void,
): Promise<string> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    let seen = '';
    let nth = 0;
    socket.setNoDelay().on('data', (bytes) => {
      seen += bytes.toString('latin1');
      const head = seen.indexOf('\r\n\r\n');
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(seen)?.[1] ?? 0);
      if (head < 0 || seen.length < head + 4 + length) return;
      const body = seen.slice(head + 4);
      seen = '';
      onRequest(socket, { nth: ++nth, count: ++count, body });
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return `http://127.0.0.1:${address.port}`;
}
