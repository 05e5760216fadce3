/**
 * The replies of `POST /v1/messages` as text. Which one a request gets is decided elsewhere.
 * Written by hand, because `task_id` must stand in the text as an integer that no JavaScript
 * number can hold.
 */
import type { Ids } from './ids.ts';

/** `headers` are name, value, name, value…, without `Content-Length`. */
export interface RawReply {
  readonly status: number;
  readonly headers: readonly string[];
  /** Bytes where it is encoded. */
  readonly body: string | Uint8Array;
}

const JSON_HEADERS = ['Content-Type', 'application/json'];
const HTML_HEADERS = ['Content-Type', 'text/html'];

export function json(status: number, body: string): RawReply & { readonly body: string } {
  return { status, headers: JSON_HEADERS, body };
}

export function page(status: number, body: string): RawReply {
  return { status, headers: HTML_HEADERS, body };
}

export function bare(status: number, headers: readonly string[] = []): RawReply {
  return { status, headers, body: '' };
}

/**
 * `message_id` comes only where one number was asked for, `schedule_info` only where a time was.
 */
export function acceptance(
  ids: Ids,
  total: number,
  accepted: number,
  scheduled: boolean,
  more = '',
): RawReply {
  let body = `{"plan_id":"${ids.next()}","total_count":${total},"accepted_count":${accepted}`;
  if (total === 1) body += `,"message_id":"${ids.next()}"`;
  if (scheduled) body += `,"schedule_info":{"task_id":${ids.next()}}`;
  return json(200, `${body}${more}}`);
}

export function failure(
  ids: Ids,
  status: number,
  total: number,
  accepted: number,
  code: number,
  message: string,
): RawReply & { readonly body: string } {
  const counts = `"total_count":${total},"accepted_count":${accepted}`;
  return json(
    status,
    `{"plan_id":"${ids.next()}",${counts},"message":${JSON.stringify(message)},"code":${code}}`,
  );
}
