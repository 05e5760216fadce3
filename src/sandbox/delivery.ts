/** Gets a reply to the client, whole or as far as its fault lets it. */
import type { ServerResponse } from 'node:http';
import type { Break, Fault } from './fault.ts';
import { json, type RawReply } from './reply.ts';

export function deliver(response: ServerResponse, reply: RawReply, fault: Fault | undefined): void {
  if (response.destroyed) return;
  switch (fault?.delivery) {
    case undefined:
    case 'whole':
      begin(response, fault);
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
    case 'break':
      breakOff(response, reply, fault?.break);
      return;
  }
}

/** What else goes out on the connection of a whole reply, before it and after it. */
function begin(response: ServerResponse, fault: Fault | undefined): void {
  if (fault?.continues) response.writeContinue();
  if (fault?.againMs === undefined) return;
  const { socket } = response;
  response.once('finish', () => {
    setTimeout(() => {
      if (socket?.writable) socket.write(bytesOf(UNASKED, 'length'));
    }, fault.againMs).unref();
  });
}

const UNASKED = json(500, '{"accepted_count":0,"message":"internal error","code":1000}');

/**
 * With a pause in the middle, for those who want to watch; every byte before it has been handed
 * over.
 */
export async function deliverInHalves(
  response: ServerResponse,
  reply: RawReply,
  fault: Fault | undefined,
  between: () => void | Promise<void>,
): Promise<void> {
  if (response.destroyed) return;
  const middle = reply.body.length >> 1;
  begin(response, fault);
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
  const whole = bytesOf(reply, 'length');
  const middle = whole.length - reply.body.length + (reply.body.length >> 1);
  const { socket } = response;
  socket?.write(whole.subarray(0, at ?? middle), () => socket.destroy());
}

function breakOff(response: ServerResponse, reply: RawReply, how: Break | undefined): void {
  const { framing = 'none', after = 'head', by = 'reset' } = how ?? {};
  const whole = bytesOf(reply, framing);
  const size = Buffer.byteLength(reply.body);
  const missing = { head: size, half: size - (size >> 1), body: 0 };
  // Of a chunked one the end of its chunk is missing too, unless all of the body came.
  const bytes = whole.subarray(0, whole.length - missing[after]);
  const { socket } = response;
  if (by === 'close') socket?.end(bytes);
  else socket?.write(bytes, () => socket.resetAndDestroy());
}

/** As it goes over the wire; of a chunked one everything but its last, empty chunk. */
function bytesOf({ status, headers, body }: RawReply, framing: Break['framing']): Buffer {
  const size = Buffer.byteLength(body);
  const framings = {
    length: ['Content-Length', String(size)],
    chunked: ['Transfer-Encoding', 'chunked'],
    none: [],
  };
  let head = `HTTP/1.1 ${status} OK\r\n`;
  for (const [index, part] of [...headers, ...framings[framing]].entries()) {
    head += index % 2 === 0 ? `${part}: ` : `${part}\r\n`;
  }
  head += framing === 'chunked' ? `\r\n${size.toString(16)}\r\n` : '\r\n';
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

/** Resolves when the bytes were handed over, and also when there was nobody left to take them. */
function written(write: (done: () => void) => void): Promise<void> {
  return new Promise(write);
}
