/**
 * EngageLab's `POST /v1/messages` as shapes: what is sent and what may come back.
 * Judging a reply is not done here but in `worker/request/classify.ts`.
 * Source: the vendor's page "Send SMS".
 */
import * as z from 'zod';

export const MESSAGES_PATH = '/v1/messages';

/** The body of one request. `schedule_time` is in Unix seconds. */
export const Request = z.object({
  to: z.array(z.string()).min(1),
  template: z.object({ id: z.string(), params: z.record(z.string(), z.string()) }),
  plan_name: z.string().optional(),
  schedule_time: z.int().positive().optional(),
  custom_args: z.record(z.string(), z.unknown()).optional(),
});
export type Request = z.infer<typeof Request>;

/** A null says as much as an absent field. */
const absent = (value: unknown) => value ?? undefined;
/** Digits in quotes where a number is clear; one beyond the safe integers, or written in another way, is left as it is. */
const PLAIN_DIGITS = /^(?:0|[1-9]\d{0,15})$/;
const number = (value: unknown) =>
  typeof value === 'string' && PLAIN_DIGITS.test(value) ? Number(value) : absent(value);
const count = z.preprocess(number, z.int().nonnegative().optional());
/** Ids arrive as strings or as bare integers above 2^53; both become strings of digits. */
const id = z.preprocess(
  absent,
  z.union([z.string(), z.bigint(), z.int()]).transform(String).optional(),
);

/**
 * The body of one reply. Every field may be missing: the vendor promises none of them on failure.
 */
export const Reply = z.object({
  plan_id: id,
  message_id: id,
  total_count: count,
  accepted_count: count,
  code: z.preprocess(number, z.int().optional()),
  message: z.preprocess(absent, z.string().optional()),
  schedule_info: z.preprocess(absent, z.object({ task_id: id }).optional()),
});
export type Reply = z.infer<typeof Reply>;

/**
 * The usual success, as the schema would take it, without asking the schema: that costs as much
 * time as all else that becomes of a reply.
 * @returns undefined for any other reply, good or bad: that one is the schema's to judge
 */
export function readUsualReply(value: object): Reply | undefined {
  const fields: Record<string, unknown> = { ...value };
  const { plan_id, message_id, total_count, accepted_count } = fields;
  if ('code' in fields || 'message' in fields || 'schedule_info' in fields) return undefined;
  if (typeof plan_id !== 'string' || !isCount(total_count) || !isCount(accepted_count)) {
    return undefined;
  }
  if (message_id === undefined) return { plan_id, total_count, accepted_count };
  if (typeof message_id !== 'string') return undefined;
  return { plan_id, message_id, total_count, accepted_count };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Integers that `JSON.parse` would round, kept as `bigint`; all else as `JSON.parse` gives it. */
export function parseJsonExactly(text: string): unknown {
  // Only an integer of 16 digits or more can be beyond 2^53: without one the reviver, which is
  // slow, is not needed.
  if (!/(?<!")\b\d{16,}\b(?!")/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? '';
    return /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}
