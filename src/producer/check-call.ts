/**
 * Whether what a program gave to a call of a `Producer` is what that call takes at all: an id that is a text, options that
 * are an object, and none that nobody knows. The compiler says so to most; plain JavaScript comes here. What the values of
 * options must be is looked at by whoever uses them.
 */
import { VolleyError } from '../shared/errors.ts';
import type { LimitChange } from '../shared/fleet/limits.ts';
import { checkOptionNames, type OptionNames } from '../shared/given-options.ts';
import { describeGiven } from '../shared/given-value.ts';
import { LOCK_REASONS } from '../shared/lock-reasons.ts';
import type { ResumeOptions } from './control/control.ts';
import type { NotifyOptions } from './notify/notification.ts';
import type { DryRunOptions } from './options.ts';
import type { ReplayOptions } from './replay/options.ts';
import type { AuditFilter } from './report/audit.ts';
import type { SendOptions } from './send/options.ts';

const SEND: OptionNames<SendOptions> = {
  ...{ campaign: true, template: true, planName: true, customArgs: true, templateText: true },
  ...{ params: true, constants: true, columns: true, fallbacks: true, allowEmpty: true },
  ...{ phoneColumn: true, headerRow: true, sheet: true, encoding: true },
  ...{ country: true, international: true, numbers: true, batchSize: true, maxInvalid: true },
  ...{ at: true, startAt: true, notAfter: true, rate: true, recipientRate: true, canary: true },
  ...{
    onUnconfirmed: true,
    haltAfter: true,
    exclude: true,
    again: true,
    confirm: true,
    signal: true,
  },
  ...{ onExcluded: true, onWait: true, onProgress: true, onInvalid: true },
};
const DRY_RUN: OptionNames<DryRunOptions> = { ...SEND, onAway: true };
const NOTIFY: OptionNames<NotifyOptions> = {
  ...{ to: true, template: true, params: true, country: true, numbers: true, dedupeKey: true },
  ...{ planName: true, customArgs: true, at: true, notAfter: true, onUnconfirmed: true },
};
const AUDIT: OptionNames<AuditFilter> = { states: true, codes: true, to: true, onMissing: true };
const REPLAY: OptionNames<ReplayOptions> = {
  ...{ states: true, codes: true, mayDouble: true, limit: true, split: true, template: true },
  ...{ params: true, notAfter: true },
  ...{ dryRun: true, confirm: true, by: true, signal: true, onProgress: true },
};
const RESUME: OptionNames<ResumeOptions> = { confirm: true, expectPending: true };
const RATE: OptionNames<LimitChange> = { rate: true, recipientRate: true };

const CALLS = {
  send: SEND,
  dryRun: DRY_RUN,
  notify: NOTIFY,
  audit: AUDIT,
  replay: REPLAY,
  resume: RESUME,
  rate: RATE,
};

/** @throws VolleyError `bad_input` for what is no object, and for an option that the call does not have */
export function checkNames(call: keyof typeof CALLS, options: unknown): void {
  checkOptionNames(options, CALLS[call]);
}

/** @throws VolleyError `bad_input` for what is no text */
export function checkId(id: unknown): void {
  if (typeof id !== 'string' || id === '') throw wrong('the id', 'that of a campaign', id);
}

/** @throws VolleyError `bad_input` */
export function checkDetail(detail: unknown): void {
  if (typeof detail !== 'string' || !detail.isWellFormed()) throw wrong('why', 'a text', detail);
}

/** @throws VolleyError `bad_input` for what no lock has for its reason: it would open none, and look as if it had */
export function checkReason(reason: unknown): void {
  if (reason === undefined || LOCK_REASONS.some((each) => each === reason)) return;
  throw wrong('the reason', LOCK_REASONS.join(' or '), reason);
}

function wrong(what: string, expected: string, got: unknown): VolleyError {
  return new VolleyError('bad_input', `${what}: expected ${expected}, got ${describeGiven(got)}`);
}
