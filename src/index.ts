/**
 * The library: all that a program may import from `volley`. What is not named here may change at any time.
 * It holds every type that these name, which a test checks. Codes of errors: docs/errors.md.
 */
import './shared/node-version.ts';
// Loaded at once: a program's first notification has 2 s, and this takes a part of a second.
import './producer/notify/notifier.ts';

export {
  type Added,
  type AuditAttempt,
  type AuditFilter,
  type AuditLine,
  type BrokenOffReplay,
  type CampaignCounts,
  type CampaignState,
  type CampaignStatus,
  type Canary,
  type Checked,
  type ControlResult,
  createProducer,
  type DryRun,
  type DryRunOptions,
  type DryRunResult,
  type Excluded,
  type ExcludedNumbers,
  type FleetStatus,
  type ForgetResult,
  type GivenRow,
  type HeldBack,
  type InvalidReason,
  type InvalidRow,
  type InvalidSample,
  type LineFilter,
  type ListColumns,
  type ListFormat,
  type ListOptions,
  type ListPieces,
  type ListPlaces,
  type ListSource,
  type ListTotals,
  type NationalFit,
  type Notification,
  type NotifyOptions,
  type NumberKind,
  type Paused,
  type Placeholder,
  type PlaceWaitedFor,
  type Preview,
  type Producer,
  type ProducerOptions,
  type Removed,
  type ReplayChoice,
  type ReplayGroup,
  type ReplayLabel,
  type ReplayOptions,
  type ReplayPlan,
  type ReplayResult,
  type ResumeOptions,
  type RowFault,
  type SendOptions,
  type SendResult,
  type SentBefore,
  type Suppression,
  type SuppressOptions,
  type TextsTotals,
  type Verification,
  type WorkerStatus,
} from './producer/producer.ts';
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
