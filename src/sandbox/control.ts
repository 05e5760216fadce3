/**
 * `/sandbox/…`: what the sandbox counted, and its faults, over HTTP. No credentials: it listens
 * locally only. Does nothing of its own: each route is one call of the sandbox.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describeError, VolleyError } from '../shared/errors.ts';

export const CONTROL_PATH = '/sandbox/';

/** One write for so many characters, not for each line. */
const CHUNK_CHARS = 65_536;

/** What can be asked of a sandbox, and told it. */
export interface Controlled {
  stats(): object;
  texts(): Iterable<object>;
  textsTo(number: string): object | undefined;
  arrivals(): Iterable<object>;
  faults(): object;
  /** @throws VolleyError `bad_input` */
  setFaults(faults: unknown): void;
  reset(): void;
  /** Takes no connections for so long. */
  down(ms: number): Promise<void>;
}

export async function control(
  sandbox: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await answer(sandbox, request, response);
  } catch (error) {
    // Half a list cannot be taken back; most often the client went away and there is nobody to
    // tell.
    if (response.headersSent) response.destroy();
    else send(response, 400, { error: describeError(error) });
  }
}

async function answer(
  sandbox: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').slice(CONTROL_PATH.length);
  const route = `${request.method} ${path}`;
  switch (route) {
    case 'GET stats':
      return send(response, 200, sandbox.stats());
    case 'GET texts':
      return stream(response, sandbox.texts());
    case 'GET arrivals':
      return stream(response, sandbox.arrivals());
    case 'GET faults':
      return send(response, 200, sandbox.faults());
    case 'PUT faults':
      sandbox.setFaults(parse(await text(request)));
      return send(response, 200, sandbox.faults());
    case 'POST reset':
      sandbox.reset();
      return send(response, 200, sandbox.stats());
    case 'POST down': {
      const ms = downMs(parse(await text(request)));
      response.on('finish', () => void sandbox.down(ms));
      return send(response, 200, { ms });
    }
  }
  if (route.startsWith('GET texts/')) {
    const to = decodeURIComponent(path.slice('texts/'.length));
    return send(response, 200, sandbox.textsTo(to) ?? { to, count: 0 });
  }
  send(response, 404, { error: `no such route: ${request.method} ${request.url}` });
}

/** Over HTTP it must end by itself: while it lasts nobody can be asked to end it. */
function downMs(body: unknown): number {
  const ms = typeof body === 'object' && body !== null && 'ms' in body ? body.ms : undefined;
  if (typeof ms === 'number' && ms > 0) return ms;
  throw new VolleyError('bad_input', 'down: expected {"ms": N}, with N above 0');
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new VolleyError('bad_input', 'expected a JSON body', { cause });
  }
}

function send(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
}

async function stream(response: ServerResponse, lines: Iterable<object>): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  await pipeline(Readable.from(chunks(lines)), response);
}

function* chunks(lines: Iterable<object>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${JSON.stringify(line)}\n`;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
