/**
 * Whether EngageLab is there and takes the credentials: it is sent an empty request, which texts
 * nobody.
 */
import { request } from 'undici';
import type { Config } from '../../shared/config.ts';
import { MESSAGES_PATH } from '../../shared/contract.ts';
import { describeError } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/safe-url.ts';
import { clockFinding } from './clock.ts';
import type { Finding } from './finding.ts';

const ANSWER_MS = 10_000;

export async function examineEngageLab(config: Config): Promise<Finding[]> {
  const { devKey, devSecret, baseUrl } = config;
  const shown = shownUrl(baseUrl);
  if (!devKey || !devSecret) {
    return [{ check: 'credentials', status: 'failed', baseUrl: shown, httpStatus: undefined }];
  }
  try {
    // Without recipients it is refused whatever the credentials; only how it is refused tells them
    // apart.
    const reply = await request(`${baseUrl.replace(/\/+$/, '')}${MESSAGES_PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${devKey}:${devSecret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: '{}',
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
    await reply.body.dump();
    const findings = [credentialsFinding(reply.statusCode, shown)];
    const date = Date.parse(String(reply.headers['date']));
    if (!Number.isNaN(date)) findings.push(clockFinding('clock of EngageLab', date));
    return findings;
  } catch (error) {
    return [{ check: 'engagelab', status: 'failed', baseUrl: shown, error: describeError(error) }];
  }
}

function credentialsFinding(httpStatus: number, baseUrl: string): Finding {
  const found = { check: 'credentials', baseUrl, httpStatus } as const;
  if (httpStatus === 401 || httpStatus === 403) return { ...found, status: 'failed' };
  return { ...found, status: httpStatus === 400 ? 'ok' : 'warning' };
}
