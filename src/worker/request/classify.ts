/**
 * The only judge of what an attempt came to. Pure: no clock, no I/O, never throws.
 * The body's code decides first, the HTTP status second. Source: docs/design/outcomes.md.
 */
import type { OverrideOutcome } from '../../shared/config.ts';
import { parseJsonExactly, Reply, readUsualReply } from '../../shared/contract.ts';
import type { Outcome } from '../../shared/outcome.ts';

/** What the sender saw of one request. */
export type Exchange =
  /** A reply that came whole, its content coding undone. */
  | {
      kind: 'reply';
      status: number;
      body: string;
      contentType?: string | undefined;
      retryAfter?: string | undefined;
    }
  /** Proof that nothing was written: no connection was made, or the request was stopped before its first byte. */
  | { kind: 'not_written'; error: string }
  /** The request was written, at least in part, and no reply came that is whole and can be made out. */
  | { kind: 'no_reply'; error: string; status?: number | undefined }
  /** A reply that came whole, and whose content coding cannot be undone. */
  | { kind: 'unreadable'; error: string; status?: number | undefined };

/**
 * Whether EngageLab can have written a reply: `engagelab`, it has a code or a count as EngageLab's do; `another`, it is
 * of a kind that only somebody else gives, as a wrong base URL does.
 */
export type Writer = 'engagelab' | 'another';

export interface Verdict {
  outcome: Outcome;
  /** Absent where that tells nothing: a gateway's page under 5xx, no reply at all. */
  writer?: Writer | undefined;
  http_status?: number | undefined;
  code?: number | undefined;
  /** EngageLab's words, or the error. */
  message?: string | undefined;
  plan_id?: string | undefined;
  message_id?: string | undefined;
  task_id?: string | undefined;
  total_count?: number | undefined;
  accepted_count?: number | undefined;
  /** The header as it came: seconds, or an HTTP date. */
  retryAfter?: string | undefined;
  /** The whole text of a reply that was not understood. Whoever keeps it masks it first, and shortens it then. */
  unclear?: string | undefined;
}

export type Overrides = ReadonlyMap<number, OverrideOutcome>;

const REJECTING = new Set([3001, 3002, 3003, 3004, 4001, 5001]);
const UNAUTHORIZED = new Set([2001, 2002, 2004]);

/**
 * @param sent how many numbers were in the request
 * @param overrides `VOLLEY_OUTCOMES`: by code, or by HTTP status
 */
export function classify(exchange: Exchange, sent: number, overrides: Overrides): Verdict {
  switch (exchange.kind) {
    case 'not_written':
      return { outcome: 'retry', message: exchange.error };
    case 'no_reply':
      return { outcome: 'unconfirmed', http_status: exchange.status, message: exchange.error };
    case 'unreadable': {
      const { status, error } = exchange;
      const writer = writerOf(status ?? 0, {});
      return { outcome: 'unconfirmed', writer, http_status: status, message: error };
    }
    case 'reply':
      return classifyReply(exchange, sent, overrides);
  }
}

function classifyReply(
  { status, body, contentType, retryAfter }: Extract<Exchange, { kind: 'reply' }>,
  sent: number,
  overrides: Overrides,
): Verdict {
  const reading = readReply(body, contentType);
  const writer = writerOf(status, reading?.fields ?? {});
  // Before any rule, and any override: what cannot be read may say that the message was taken.
  if (reading === undefined) {
    const message = 'a reply that cannot be read';
    return { outcome: 'unconfirmed', writer, http_status: status, message, unclear: body };
  }
  const { fields, understood } = reading;
  const { schedule_info, ...rest } = fields;
  const outcome = judge(status, fields, understood, sent, overrides);
  const verdict: Verdict = {
    ...rest,
    task_id: schedule_info?.task_id,
    http_status: status,
    retryAfter,
    outcome,
    writer,
  };
  if (body === '' || !isUnclear(status, fields, understood)) return verdict;
  return { ...verdict, message: 'a reply that was not understood', unclear: body };
}

/**
 * Whether a person will want to read the whole of it, for no more is known of it than its status, or less. A 5xx, 408 or
 * 429 without a code is as common as it is clear.
 */
function isUnclear(status: number, { code, accepted_count }: Reply, understood: boolean): boolean {
  if (!understood) return true;
  if (code !== undefined || accepted_count !== undefined) return false;
  return status < 500 && status !== 408 && status !== 429;
}

/** Whatever stands before EngageLab may refuse with 400, 401, 403, 413 or 5xx on its own. */
const ONLY_ANOTHERS = new Set([404, 405, 407]);

function writerOf(status: number, { code, accepted_count }: Reply): Writer | undefined {
  if (code !== undefined || accepted_count !== undefined) return 'engagelab';
  const isAnothers = (status >= 200 && status < 400) || ONLY_ANOTHERS.has(status);
  return isAnothers ? 'another' : undefined;
}

function judge(
  status: number,
  reply: Reply,
  understood: boolean,
  sent: number,
  overrides: Overrides,
): Outcome {
  const { code, accepted_count: accepted } = reply;
  const isSuccess = status >= 200 && status < 300 && (code === undefined || code === 0);
  if (isSuccess) {
    if (!understood || accepted === undefined || accepted > sent) return 'unconfirmed';
    return accepted === sent ? 'accepted' : 'shortfall';
  }
  // Counts that cannot be read may hide an acceptance, so they are as good as one.
  const maybeAccepted = (accepted ?? 0) > 0 || !understood;

  const override = overrides.get(code ?? Number.NaN) ?? overrides.get(status);
  if (override === 'retry') return maybeAccepted ? 'unconfirmed' : 'retry';
  if (override !== undefined) return override;

  if (code !== undefined && REJECTING.has(code)) return 'rejected';
  if (maybeAccepted) return 'unconfirmed';
  if (code === 1000) return 'retry';
  if (code !== undefined && UNAUTHORIZED.has(code)) return 'unauthorized';
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status >= 500 || status === 408) return 'retry';
  return 'rejected';
}

const DECLARED_JSON = /[/+]json\s*(?:;|$)/i;
/** Blanks and what UTF-16 leaves between the letters, then what JSON that may hold fields begins with. */
const BEGINS_LIKE_JSON = /^[\s\0\ufeff\ufffd]*[{["]/;
/** A count of accepted numbers anywhere in a text, also in JSON within a string, and any but none. */
const HIDDEN_COUNT = /accepted_count["'\s\\]*[:=](?!["'\s\\]*(?:0+|null)\b)/;

/**
 * Reads what can be read. A page that is no JSON has no fields at all, which is normal for a gateway; `understood` is
 * false only where a 2xx needs them, or where what decides has a value of another type or stands somewhere else.
 * @returns undefined for what is JSON, or means to be, and cannot be read as such
 */
function readReply(
  body: string,
  contentType: string | undefined,
): { fields: Reply; understood: boolean } | undefined {
  let value: unknown;
  try {
    value = parseJsonExactly(body);
  } catch {
    const isPage = !BEGINS_LIKE_JSON.test(body) && !DECLARED_JSON.test(contentType ?? '');
    return isPage ? { fields: {}, understood: !HIDDEN_COUNT.test(body) } : undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fields: {}, understood: !HIDDEN_COUNT.test(body) };
  }
  const usual = readUsualReply(value);
  if (usual) return { fields: usual, understood: true };
  const whole = Reply.safeParse(value);
  if (whole.success) {
    // One in an envelope, or given twice, may be the true one.
    const understood = (whole.data.accepted_count ?? 0) > 0 || !HIDDEN_COUNT.test(body);
    return { fields: whole.data, understood };
  }

  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(Reply.shape)) {
    const one = field.safeParse(Reflect.get(value, name));
    if (one.success && one.data !== undefined) fields[name] = one.data;
  }
  const decided = (name: string) => !(name in value) || name in fields;
  return { fields: Reply.parse(fields), understood: decided('code') && decided('accepted_count') };
}
