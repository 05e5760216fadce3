/**
 * Fails a test that leaves a connection to the shared Redis open: a worker or a queue that nobody closed goes on
 * working under the tests that follow. Connections made before the test began are not its own.
 */
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { beforeEach, onTestFinished } from 'vitest';
import { redisUrl } from './redis.ts';

/** A socket that was told to close needs a moment for it; one that was forgotten would stay for ever. */
const CLOSING_MS = 2000;

const open = new Set<Socket>();

diagnostics.subscribe('net.client.socket', (message) => {
  if (!isSocketMessage(message)) return;
  const { socket } = message;
  open.add(socket);
  socket.once('close', () => open.delete(socket));
});

beforeEach(() => {
  const before = new Set(open);
  // what is registered first runs last: after everything with which the test closes what it opened
  onTestFinished(async () => {
    const port = Number(new URL(redisUrl()).port || 6379);
    const left = [...open].filter((socket) => !before.has(socket) && socket.remotePort === port);
    const closing = AbortSignal.timeout(CLOSING_MS);
    const closed = left.map((socket) => once(socket, 'close', { signal: closing }));
    const results = await Promise.allSettled(closed);
    const leaked = results.filter((result) => result.status === 'rejected').length;
    if (leaked > 0) throw new Error(`connections to Redis left open by the test: ${leaked}`);
  });
});

function isSocketMessage(message: unknown): message is { socket: Socket } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'socket' in message &&
    message.socket instanceof Socket
  );
}
