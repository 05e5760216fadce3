import { LockManager } from 'bullmq';

/** So long ago that a lock is renewed at the next turn. */
const LONG_AGO = 1;

/**
 * BullMQ renews a job's lock when this machine's clock says that it is time: set back by an hour, it
 * would let all of them run out. This one renews them at every turn of its timer, which is twice as
 * often as they must be.
 */
export class SteadyLockManager extends LockManager {
  override trackJob(jobId: string, token: string, _at: number, isHeard?: boolean) {
    return super.trackJob(jobId, token, LONG_AGO, isHeard);
  }

  protected override extendLocks(jobIds: string[]): Promise<void> {
    for (const jobId of jobIds) {
      const tracked = this.trackedJobs.get(jobId);
      if (tracked) tracked.ts = LONG_AGO;
    }
    return super.extendLocks(jobIds);
  }
}
