/** Which replies EngageLab can have written, and which only somebody else gives. */
import { expect, test } from 'vitest';
import { classify, type Exchange } from '../../../src/worker/request/classify.ts';

const reply = (status: number, body: string, contentType?: string): Exchange => ({
  kind: 'reply',
  ...{ status, body, contentType },
});
const writerOf = (seen: Exchange) => classify(seen, 1, new Map()).writer;

test.for([
  ['a page under 200', reply(200, '<html>ok</html>')],
  ['JSON that breaks off, under 200', reply(200, '{"plan_id":"19724')],
  ['nothing, under 200', reply(200, '')],
  ["somebody's JSON under 200", reply(200, '{"status":"up"}')],
  ['counts that nobody can read, under 200', reply(200, '{"accepted_count":"all"}')],
  ['no content', reply(204, '')],
  ['a redirect', reply(302, '')],
  ['not modified', reply(304, '')],
  ['a page that is not there', reply(404, '<html>404</html>')],
  ['the same, said to be JSON', reply(404, '<html>404</html>', 'application/json')],
  ["somebody's JSON under 404", reply(404, '{"error":"no such route"}')],
  ['another method is wanted', reply(405, '')],
  ['a proxy wants a login', reply(407, '<html>407</html>')],
  ['what cannot be unpacked, under 200', { kind: 'unreadable', error: 'gzip', status: 200 }],
] as const)('EngageLab cannot have written it: %s', ([, seen]) => {
  expect(writerOf(seen)).toBe('another');
});

test.for([
  ['an acceptance', reply(200, '{"accepted_count":1}')],
  ['too many accepted', reply(200, '{"accepted_count":9}')],
  ['a code under 200', reply(200, '{"code":1,"message":"err xxxx"}')],
  ['a code under 404', reply(404, '{"code":4001,"message":"template not found"}')],
  ['a code in quotes', reply(400, '{"code":"3002"}')],
  ['a code under 302', reply(302, '{"code":3003}')],
] as const)('EngageLab can have written it: %s', ([, seen]) => {
  expect(writerOf(seen)).toBe('engagelab');
});

test.for([
  ['a gateway fails', reply(502, '<html>502</html>')],
  ['a gateway times out', reply(504, '')],
  ['JSON that breaks off, under 500', reply(500, '{"code":10')],
  ['a gateway takes no login', reply(401, '<html>401</html>')],
  ['a firewall refuses', reply(403, '<html>403</html>')],
  ['too many requests', reply(429, '')],
  ['a page under 400', reply(400, '<html>400</html>')],
  ['what cannot be unpacked, under 500', { kind: 'unreadable', error: 'gzip', status: 500 }],
  ['no reply', { kind: 'no_reply', error: 'terminated', status: 200 }],
  ['no connection', { kind: 'not_written', error: 'ECONNREFUSED' }],
] as const)('nobody can tell who wrote it: %s', ([, seen]) => {
  expect(writerOf(seen)).toBeUndefined();
});
