/**
 * Reads a request as the vendor documents it, or says why it is refused. Knows nothing of faults
 * or counts. By hand and not with zod: it runs for every request of a benchmark.
 */
import { numberKey } from './number.ts';

/** What a good request asks for. */
export interface Order {
  readonly to: readonly string[];
  /** `to` as `numberKey` gives it. */
  readonly keys: readonly number[];
  readonly template: string;
  readonly params: Record<string, unknown>;
  readonly scheduled: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** What the reply gives as `total_count`. */
  readonly recipients: number;
}

export interface Rules {
  /** Unix milliseconds. */
  readonly now: number;
  readonly badNumbers: ReadonlySet<number>;
  readonly hasTemplate: (id: string) => boolean;
}

const MINUTE_S = 60;
const LEAST_AHEAD_S = 3 * MINUTE_S;
const MOST_AHEAD_S = 30 * 24 * 60 * MINUTE_S;

/** Form first, then types, then rules, then the template. */
export function readOrder(contentType: string, text: string, rules: Rules): Order | Refusal {
  if (!contentType.startsWith('application/json')) {
    return refuse(3001, 'bad json: Content-Type must be application/json');
  }
  const body = parse(text);
  if (!isObject(body)) return refuse(3001, 'bad json');

  const { to, template, schedule_time: scheduleTime } = body;
  if (!Array.isArray(to) || to.length === 0) return bad('to must be a list of numbers', 0);
  const recipients = to.length;
  if (!to.every(isString)) return bad('to must be a list of strings', recipients);
  if (!isObject(template)) return bad('template must be an object', recipients);
  const { id, params } = template;
  if (!isString(id) || id === '') return bad('template.id must be a string', recipients);
  if (!isObject(params)) return bad('template.params must be an object', recipients);
  const optional = checkOptional(body);
  if (optional !== undefined) return bad(optional, recipients);

  const keys = to.map(numberKey);
  const rule = checkNumbers(keys, rules.badNumbers) ?? checkSchedule(scheduleTime, rules.now);
  if (rule !== undefined) return refuse(3003, rule, recipients);
  if (!rules.hasTemplate(id)) return refuse(4001, 'template not found', recipients);
  return { to, keys, template: id, params, scheduled: scheduleTime !== undefined };
}

function checkOptional(body: Record<string, unknown>): string | undefined {
  const { plan_name: planName, schedule_time: scheduleTime, custom_args: customArgs } = body;
  if (planName !== undefined && !isString(planName)) return 'plan_name must be a string';
  if (scheduleTime !== undefined && !Number.isInteger(scheduleTime)) {
    return 'schedule_time must be an integer';
  }
  if (customArgs !== undefined && !isObject(customArgs)) return 'custom_args must be an object';
  return undefined;
}

/** Does not say which number it was: the vendor's API does not either. */
function checkNumbers(
  keys: readonly number[],
  badNumbers: ReadonlySet<number>,
): string | undefined {
  const isBad = (key: number) => key === 0 || (badNumbers.size > 0 && badNumbers.has(key));
  return keys.some(isBad) ? 'to contains an invalid phone number' : undefined;
}

function checkSchedule(time: unknown, now: number): string | undefined {
  if (typeof time !== 'number') return undefined;
  if (time <= 0) return 'schedule_time must be positive';
  const ahead = time - now / 1000;
  if (ahead <= LEAST_AHEAD_S) return 'schedule_time must be at least 3 minutes from now';
  if (ahead > MOST_AHEAD_S) return 'schedule_time must be at most 30 days from now';
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function bad(message: string, recipients: number): Refusal {
  return refuse(3002, `bad parameters: ${message}`, recipients);
}

function refuse(code: number, message: string, recipients = 0): Refusal {
  return { status: 400, code, message, recipients };
}
