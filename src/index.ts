/** The library: all that a program may import from `volley`. What is not named here may change at any time. */
import './shared/node-version.ts';

export type { ControlResult, HeldBack, ResumeOptions } from './producer/control/control.ts';
export type { ForgetResult } from './producer/control/forget.ts';
export type { GivenRow, ListFormat, ListSource, ListTotals } from './producer/list/options.ts';
export type { InvalidReason, InvalidRow } from './producer/list/row.ts';
export type { Notification, NotifyOptions } from './producer/notify/notification.ts';
export type {
  Added,
  Checked,
  Removed,
  Suppression,
  SuppressOptions,
} from './producer/opt-outs/suppress.ts';
export { createProducer, type Producer, type ProducerOptions } from './producer/producer.ts';
export type { ReplayChoice, ReplayLabel } from './producer/replay/choice.ts';
export type { ReplayGroup, ReplayPlan } from './producer/replay/plan.ts';
export type { ReplayOptions, ReplayResult } from './producer/replay/replay.ts';
export type { AuditAttempt, AuditFilter, AuditLine } from './producer/report/audit.ts';
export type { CampaignState, CampaignStatus, FleetStatus } from './producer/report/status.ts';
export type { Verification } from './producer/report/verify.ts';
export type { SendOptions, SendResult } from './producer/send/send.ts';
export { type ErrorCode, VolleyError } from './shared/errors.ts';
export type { LimitChange, Limits } from './shared/fleet/limits.ts';
export type { Lock, LockReason } from './shared/fleet/valve.ts';
export type { Job, Message, OnUnconfirmed } from './shared/job.ts';
export type { Outcome, State } from './shared/outcome.ts';
export type { EndedJob } from './worker/campaign-worker.ts';
export { createWorker, type WorkerOptions } from './worker/create-worker.ts';
export type { Worker, WorkerEvents } from './worker/worker.ts';
