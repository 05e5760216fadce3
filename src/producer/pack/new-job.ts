/** A job as this program makes it, checked by the schema that the other side of Redis will hold it to. */
import type * as z from 'zod';
import { VolleyError } from '../../shared/errors.ts';
import { Job } from '../../shared/job.ts';

/** @throws VolleyError `bad_input` that names the field */
export function newJob(fields: z.input<typeof Job>): Job {
  const parsed = Job.safeParse(fields);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new VolleyError('bad_input', `${first?.path.join('.') ?? 'the job'}: ${first?.message}`);
  }
  try {
    JSON.stringify(parsed.data.custom_args);
  } catch (cause) {
    throw new VolleyError('bad_input', 'custom_args: expected what JSON can hold', { cause });
  }
  return parsed.data;
}
