/** A bare `node:http` server that reads the body and answers a fixed JSON. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import * as z from 'zod';
import { answerTasks } from '../harness/tasks.ts';

const REPLY = '{"plan_id":"1972484198153367552","total_count":1,"accepted_count":1}';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': REPLY.length })
      .end(REPLY);
  });
});
await once(server.listen(0, '127.0.0.1'), 'listening');

answerTasks(z.literal('url'), () => {
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : address;
});
