/**
 * The library: all that a program may import from `volley`. What is not named here may change at any time.
 * It holds every type that these name, which a test checks. Codes of errors: docs/errors.md.
 */
import './shared/node-version.ts';
// Loaded at once: a program's first notification has 2 s, and this takes a part of a second.
import './producer/notify/notifier.ts';

export type { ControlResult, HeldBack, ResumeOptions } from './producer/control/control.ts';
export type { ForgetResult } from './producer/control/forget.ts';
export type { Excluded, ExcludedNumbers } from './producer/list/excluded.ts';
export type {
  GivenRow,
  InvalidSample,
  ListFormat,
  ListOptions,
  ListSource,
  ListTotals,
} from './producer/list/options.ts';
export type { InvalidReason, InvalidRow, ListColumns, RowFault } from './producer/list/row.ts';
export type { Notification, NotifyOptions } from './producer/notify/notification.ts';
export type {
  Added,
  Checked,
  Removed,
  Suppression,
  SuppressOptions,
} from './producer/opt-outs/suppress.ts';
export {
  createProducer,
  type DryRunOptions,
  type DryRunResult,
  type Producer,
  type ProducerOptions,
} from './producer/producer.ts';
export type { ReplayChoice, ReplayLabel } from './producer/replay/choice.ts';
export type { ReplayGroup } from './producer/replay/groups.ts';
export type { ReplayOptions, ReplayResult } from './producer/replay/options.ts';
export type { ReplayPlan } from './producer/replay/plan.ts';
export type { AuditFilter } from './producer/report/audit.ts';
export type { AuditAttempt, AuditLine, LineFilter } from './producer/report/audit-line.ts';
export type { PlaceWaitedFor } from './producer/report/places.ts';
export type {
  CampaignCounts,
  CampaignState,
  CampaignStatus,
  FleetStatus,
  WorkerStatus,
} from './producer/report/status.ts';
export type { Verification } from './producer/report/verify.ts';
export type { DryRun } from './producer/send/dry-run.ts';
export type { SendOptions } from './producer/send/options.ts';
export type { Preview } from './producer/send/preview.ts';
export type { SendResult } from './producer/send/result.ts';
export type { TextsTotals } from './producer/texts/texts.ts';
export type { LogLevel, OverrideOutcome } from './shared/config.ts';
export {
  type ConflictReason,
  type ErrorCode,
  type ErrorDetails,
  VolleyError,
} from './shared/errors.ts';
export type { LimitChange, Limits } from './shared/fleet/limits.ts';
export type { Lock, LockReason } from './shared/fleet/valve.ts';
export type { GivenConfig } from './shared/given-config.ts';
export type { Job, Message, OnUnconfirmed } from './shared/job.ts';
export type { Logger } from './shared/log.ts';
export type { CountName, Counts, FinalState, Outcome, State } from './shared/outcome.ts';
export type { EndedJob } from './worker/campaign-worker.ts';
export { createWorker, type WorkerOptions } from './worker/create-worker.ts';
export type { Worker, WorkerEvents } from './worker/worker.ts';
