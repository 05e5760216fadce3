/** What has been counted of a list before its first row. */
import type { ListTotals } from './options.ts';

export function noTotals(): ListTotals {
  return {
    rows: 0,
    invalid: 0,
    duplicate: 0,
    suppressed: 0,
    excluded: 0,
    recipients: 0,
    blank: 0,
    messages: 0,
    jobs: 0,
    canaryJobs: 0,
    bytes: 0,
    reasons: {},
    firstInvalid: [],
    placeholders: {},
    fallbacks: 0,
    places: { countries: {}, kinds: {}, callingCodes: 0 },
    withoutPlus: 0,
    national: undefined,
  };
}
