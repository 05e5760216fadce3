/**
 * The job: what a producer lays into Redis and a worker picks up. Both sides check it with this one schema,
 * for any program may write a job. Source: docs/design/message.md, "The job".
 */
import * as z from 'zod';
import { E164 } from './phone.ts';

export const JOB_VERSION = 1;
export const MAX_MESSAGES_PER_JOB = 100;
/** Together, the messages of a job; a single message may be larger and then stands alone. */
export const MAX_NUMBERS_PER_JOB = 1000;

/** The standing campaign of all notifications. No campaign of a list may take its id. */
export const NOTIFICATIONS = 'notifications';

export const CampaignId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'expected 1 to 64 of a-z 0-9 . _ - and a letter or digit first',
  );

export const OnUnconfirmed = z.enum(['park', 'resend']);
/**
 * What is done with a message that may have been sent and was not confirmed. `park`: it is left to a person, and nobody
 * is texted twice. `resend`: it is sent again, and nobody is missed.
 */
export type OnUnconfirmed = z.infer<typeof OnUnconfirmed>;

const PhoneNumber = z.string().regex(E164, 'expected a number in E.164, such as +6591234567');

/** Numbers, then the values of the params in the order of the job's `params`. */
export const Message = z.tuple([z.array(PhoneNumber).min(1), z.array(z.string())]);
/** Numbers in E.164 with `+`, then the values of the params in the order of the job's `params`. */
export type Message = z.infer<typeof Message>;

export const Job = z
  .object({
    v: z.literal(JOB_VERSION),
    campaign: CampaignId,
    template: z.string().min(1),
    plan_name: z.string().optional(),
    /** Unix seconds. */
    schedule_time: z.int().positive().optional(),
    custom_args: z.record(z.string(), z.unknown()).optional(),
    /** Unix milliseconds. */
    not_after: z.int().positive().optional(),
    on_unconfirmed: OnUnconfirmed,
    params: z.array(z.string().min(1)),
    messages: z.array(Message).min(1).max(MAX_MESSAGES_PER_JOB),
  })
  .check((context) => {
    const { params, messages } = context.value;
    let numbers = 0;
    for (const [index, [to, values]] of messages.entries()) {
      numbers += to.length;
      if (values.length === params.length) continue;
      context.issues.push({
        code: 'custom',
        input: values,
        path: ['messages', index, 1],
        message: `expected ${params.length} values, one for each of params, got ${values.length}`,
      });
    }
    if (numbers > MAX_NUMBERS_PER_JOB && messages.length > 1) {
      context.issues.push({
        code: 'custom',
        input: messages,
        path: ['messages'],
        message: `expected at most ${MAX_NUMBERS_PER_JOB} numbers in a job of several messages, got ${numbers}`,
      });
    }
  });
/** A job as it lies in Redis; any program may write one. Source: docs/design/message.md, "The job". */
export type Job = z.infer<typeof Job>;

/** `black-friday-0000012.7`: message 7, counted from 0, of that job. */
export function messageName(jobId: string, index: number): string {
  return `${jobId}.${index}`;
}

/** `black-friday-0000012`: its place in the list, so that the same list makes the same jobs. */
export function jobIdAt(campaign: string, position: number): string {
  return `${campaign}-${String(position).padStart(7, '0')}`;
}

/** The place in the list that a job id tells; undefined for an id that `jobIdAt` would not make. */
export function positionOf(campaign: string, jobId: string): number | undefined {
  const position = Number(jobId.slice(campaign.length + 1));
  return jobIdAt(campaign, position) === jobId ? position : undefined;
}
