/** What stands between the workers and the sandbox, as a proxy, a name server or a login page does: right, or wrong. */
import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type Wrong = 'login-page' | '404' | '302' | '407';

const REPLIES: Record<Wrong, [status: number, headers: Record<string, string>, body: string]> = {
  'login-page': [200, { 'Content-Type': 'text/html' }, '<!doctype html>\n<title>Sign in</title>'],
  '404': [404, { 'Content-Type': 'text/html' }, '<html>404 Not Found</html>'],
  '302': [302, { Location: 'https://elsewhere.example/' }, ''],
  '407': [407, { 'Proxy-Authenticate': 'Basic' }, ''],
};

/** Everything is let through to `target` until it is told otherwise. */
export async function openFrontDoor(target: string) {
  let wrong: Wrong | undefined;
  /** How many requests it has answered by itself. */
  let burnt = 0;
  let underWay = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (wrong !== undefined) {
      burnt++;
      const [status, headers, text] = REPLIES[wrong];
      response.writeHead(status, headers).end(text);
      return;
    }
    const { method, headers, url = '' } = request;
    const onward = forward(new URL(url, target), { method, headers });
    onward.on('error', () => response.destroy()).end(body);
    const [reply]: IncomingMessage[] = await once(onward, 'response');
    if (reply) reply.pipe(response.writeHead(reply.statusCode ?? 0, reply.headers));
  }

  const server = createServer((request, response) => {
    underWay++;
    response.on('close', () => underWay--);
    answer(request, response).catch(() => response.destroy());
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    burnt: () => burnt,
    underWay: () => underWay,
    setWrong: (next: Wrong | undefined) => {
      wrong = next;
    },
  };
}
