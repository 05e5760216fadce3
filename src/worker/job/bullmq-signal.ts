import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';

/** Errors by which a processor tells BullMQ what became of a job. */
export function isBullMqSignal(error: unknown): boolean {
  return (
    error instanceof UnrecoverableError ||
    error instanceof DelayedError ||
    error instanceof WaitingError
  );
}
