/** Gets a reply to the client, whole or as far as its fault lets it. */
import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import type { RawReply } from './reply.ts';

export function deliver(response: ServerResponse, reply: RawReply, fault: Fault | undefined): void {
  if (response.destroyed) return;
  switch (fault?.delivery) {
    case undefined:
    case 'whole':
      writeHead(response, reply).end(reply.body);
      return;
    case 'close':
      response.destroy();
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'head':
      writeHead(response, reply).flushHeaders();
      return;
    case 'cut':
      cut(response, reply, fault?.cutAt);
      return;
  }
}

/**
 * With a pause in the middle, for those who want to watch; every byte before it has been handed
 * over.
 */
export async function deliverInHalves(
  response: ServerResponse,
  reply: RawReply,
  between: () => void | Promise<void>,
): Promise<void> {
  if (response.destroyed) return;
  const middle = reply.body.length >> 1;
  writeHead(response, reply).flushHeaders();
  if (middle > 0) await written((done) => response.write(reply.body.slice(0, middle), done));
  await between();
  if (response.destroyed) return;
  await written((done) => response.end(reply.body.slice(middle), done));
}

function writeHead(response: ServerResponse, { status, headers, body }: RawReply): ServerResponse {
  return response.writeHead(status, [
    ...headers,
    'Content-Length',
    String(Buffer.byteLength(body)),
  ]);
}

/** Past the HTTP server, which would not promise more bytes than it sends. */
function cut(response: ServerResponse, reply: RawReply, at: number | undefined): void {
  const { status, headers, body } = reply;
  const length = ['Content-Length', String(Buffer.byteLength(body))];
  let head = `HTTP/1.1 ${status} OK\r\n`;
  for (const [index, part] of [...headers, ...length].entries()) {
    head += index % 2 === 0 ? `${part}: ` : `${part}\r\n`;
  }
  head += '\r\n';
  const bytes = (head + body).slice(0, at ?? head.length + (body.length >> 1));
  const { socket } = response;
  socket?.write(bytes, () => socket.destroy());
}

/** Resolves when the bytes were handed over, and also when there was nobody left to take them. */
function written(write: (done: () => void) => void): Promise<void> {
  return new Promise(write);
}
