import { UnrecoverableError } from 'bullmq';
import { Job } from '../../shared/job.ts';

/** @throws UnrecoverableError for a job that another program wrote badly: it ends, with the reason */
export function readJob(data: unknown): Job {
  const parsed = Job.safeParse(data);
  if (parsed.success) return parsed.data;
  const [first, ...others] = parsed.error.issues;
  const where = first?.path.join('.') || 'the job';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  throw new UnrecoverableError(`bad job: ${where}: ${first?.message}${more}`);
}
