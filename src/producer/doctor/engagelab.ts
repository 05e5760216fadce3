/**
 * Whether EngageLab is there and takes the credentials: over the way that a worker walks it is sent an empty request,
 * which texts nobody.
 */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Config } from '../../shared/config.ts';
import { MESSAGES_PATH } from '../../shared/contract.ts';
import { describeError } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/safe-url.ts';
import { clockFinding } from './clock.ts';
import type { Finding } from './finding.ts';
import { walk } from './way.ts';

const ANSWER_MS = 10_000;

export async function examineEngageLab(config: Config): Promise<Finding[]> {
  const { devKey, devSecret, baseUrl } = config;
  const { findings, socket } = await walk(config, ANSWER_MS);
  const shown = shownUrl(baseUrl);
  if (!devKey || !devSecret) {
    socket?.on('error', () => {}).destroy();
    const missing = { check: 'credentials', baseUrl: shown, httpStatus: undefined } as const;
    return [...findings, { ...missing, status: 'failed' }];
  }
  if (!socket) return findings;
  try {
    return [...findings, ...(await ask(socket, config))];
  } catch (error) {
    const walked = findings.filter(({ check }) => check !== 'engagelab');
    const failed = { check: 'engagelab', baseUrl: shown, address: undefined } as const;
    return [...walked, { ...failed, status: 'failed', error: describeError(error) }];
  }
}

async function ask(socket: Socket, { devKey, devSecret, baseUrl }: Config): Promise<Finding[]> {
  const url = new URL(baseUrl);
  const client = new Client(url.origin, {
    // Told at once, undici would not go on.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
  try {
    // Without recipients it is refused whatever the credentials; only how it is refused tells them
    // apart.
    const reply = await client.request({
      method: 'POST',
      path: url.pathname.replace(/\/+$/, '') + MESSAGES_PATH,
      headers: {
        authorization: `Basic ${Buffer.from(`${devKey}:${devSecret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: '{}',
    });
    await reply.body.dump();
    const findings = [credentialsFinding(reply.statusCode, shownUrl(baseUrl))];
    const date = Date.parse(String(reply.headers['date']));
    if (!Number.isNaN(date)) findings.push(clockFinding('clock of EngageLab', date));
    return findings;
  } finally {
    await client.destroy();
  }
}

function credentialsFinding(httpStatus: number, baseUrl: string): Finding {
  const found = { check: 'credentials', baseUrl, httpStatus } as const;
  if (httpStatus === 401 || httpStatus === 403) return { ...found, status: 'failed' };
  return { ...found, status: httpStatus === 400 ? 'ok' : 'warning' };
}
