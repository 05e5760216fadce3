/**
 * What the door hands out beside the producer itself: the shapes of what goes in and comes out, the
 * few plain functions and figures that whoever shows them needs, and the examination, which needs
 * no producer.
 */
export type { Heartbeat } from '../shared/fleet/heartbeat.ts';
export { FRESH_MS, isClockOff } from '../shared/fleet/heartbeat.ts';
export { DEFAULT_RATE, type LimitChange, type Limits } from '../shared/fleet/limits.ts';
export type { Lock, LockReason } from '../shared/fleet/valve.ts';
export type { OnUnconfirmed } from '../shared/job.ts';
export { maskPhonesIn } from '../shared/phone.ts';
export { fileSize } from './bytes/list-bytes.ts';
export { explainRefusal } from './connection/redis-failure.ts';
export type { ControlResult, HeldBack, ResumeOptions } from './control/control.ts';
export type { ForgetResult } from './control/forget.ts';
export { examine } from './doctor/examine.ts';
export type { Finding } from './doctor/finding.ts';
export type {
  GivenRow,
  InvalidSample,
  ListFormat,
  ListOptions,
  ListPieces,
  ListPlaces,
  ListSource,
  ListTotals,
} from './list/options.ts';
export { placeWarnings } from './list/place-warnings.ts';
export type { Notification, NotifyOptions } from './notify/notification.ts';
export type { Excluded, ExcludedNumbers } from './number-list/excluded.ts';
export type {
  Added,
  Checked,
  Imported,
  ImportOptions,
  ImportSource,
  Removed,
  Suppression,
  SuppressOptions,
} from './opt-outs/suppress.ts';
export type { DryRunOptions, DryRunResult, ProducerOptions } from './options.ts';
export type { NationalFit } from './phone/national-forms.ts';
export type { NumberKind } from './phone/places.ts';
export type { ReplayChoice, ReplayLabel } from './replay/choice.ts';
export type { ReplayGroup } from './replay/groups.ts';
export type { ReplayPlan } from './replay/plan.ts';
export type { ReplayOptions, ReplayResult } from './replay/replay.ts';
export type { AuditAttempt, AuditFilter, AuditLine } from './report/audit.ts';
export type { LineFilter } from './report/audit-line.ts';
export type { BrokenOffReplay } from './report/broken-off.ts';
export type { PlaceWaitedFor } from './report/places.ts';
export type {
  CampaignCounts,
  CampaignState,
  CampaignStatus,
  Canary,
  FleetStatus,
  Paused,
  WorkerStatus,
} from './report/status.ts';
export type { Verification } from './report/verify.ts';
export type { InvalidReason, InvalidRow, ListColumns, RowFault } from './rows/row.ts';
export type { Placeholder } from './rows/values.ts';
export type { DryRun } from './send/dry-run.ts';
export { lowestOf, type Pace, type Preview, secondsToSend } from './send/preview.ts';
export type { SendOptions, SendResult } from './send/send.ts';
export { type SentBefore, wordsOf as sentBeforeWords } from './sent-before/verdict.ts';
export type { TextsTotals } from './texts/texts.ts';

/** How numbers are read that were sent before, whatever the rule was then; loaded where it is asked for, for its plans are large. */
export async function openPhoneNumbers(country?: string) {
  const { PhoneNumbers } = await import('./phone/number.ts');
  return new PhoneNumbers(country, { numbers: 'possible', anyKind: true });
}
