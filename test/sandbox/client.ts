/** The tests' side of the wire: one request through undici, or byte by byte through a socket. */
import { connect } from 'node:net';
import { Client } from 'undici';
import type { Sandbox } from '../../src/sandbox/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

export function basic(key: string, secret: string): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

/** A good request to so many numbers, from +6590000001 on. */
export function order(template: string, recipients = 1, more: object = {}) {
  const to = Array.from({ length: recipients }, (_, index) => `+${6_590_000_001 + index}`);
  return { to, template: { id: template, params: { name: 'Ada' } }, ...more };
}

const HEADERS = { 'content-type': 'application/json', authorization: basic('sandbox', 'sandbox') };

/** Rejects where no whole reply came. A string goes as it is, anything else as JSON. */
export function post(sandbox: Sandbox, body: unknown, headers = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return call(sandbox, 'POST', '/v1/messages', text, { ...HEADERS, ...headers });
}

export async function call(
  sandbox: Sandbox,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const client = new Client(sandbox.url);
  try {
    const reply = await client.request({ method, path, headers, body: body ?? null });
    const text = await reply.body.text();
    return { status: reply.statusCode, headers: reply.headers, text };
  } finally {
    await client.destroy();
  }
}

/** Every byte of the reply, once the connection is closed, and whether by a reset. */
export function raw(
  sandbox: Sandbox,
  body: object,
  onBytes: (all: string) => void = () => {},
): Promise<{ bytes: string; reset: boolean }> {
  return new Promise((resolve) => {
    let bytes = '';
    let reset = false;
    const text = JSON.stringify(body);
    const socket = connect(sandbox.port, sandbox.host);
    socket.on('data', (chunk) => {
      bytes += chunk.toString();
      onBytes(bytes);
    });
    socket.on('error', () => {
      reset = true;
    });
    socket.on('close', () => resolve({ bytes, reset }));
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nHost: sandbox\r\nAuthorization: ${HEADERS.authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
  });
}
