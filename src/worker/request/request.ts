import type { Job, Message } from '../../shared/job.ts';

/** EngageLab asks for strictly more than this between the request and its `schedule_time`. */
const LEAST_AHEAD_S = 180;

/**
 * The body of one message's request, as JSON text. A message that waited until its time is too near is sent at once,
 * without `schedule_time`; `note` then says so. Source: docs/design/sending.md, "Times".
 * @param now Unix ms
 */
export function buildRequest(
  job: Job,
  message: Message,
  now: number,
): { text: string; note: string | undefined } {
  const [to, values] = message;
  const params = Object.fromEntries(job.params.map((name, at) => [name, values[at]]));
  const time = job.schedule_time;
  const isTooNear = time !== undefined && time <= now / 1000 + LEAST_AHEAD_S;
  const text = JSON.stringify({
    to,
    template: { id: job.template, params },
    plan_name: job.plan_name ?? job.campaign,
    schedule_time: isTooNear ? undefined : time,
    custom_args: job.custom_args,
  });
  return {
    text,
    note: isTooNear ? 'sent at once: schedule_time was less than 3 minutes ahead' : undefined,
  };
}
