/**
 * Which messages a replay takes, and what it risks: a pure assessment of one message at a time. It reads nothing and
 * changes nothing. Source: docs/design/replay.md.
 */
import { VolleyError } from '../../shared/errors.ts';
import type { Job } from '../../shared/job.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import type { Entry } from '../../shared/ledger/entry.ts';
import { type FinalState, REPLAYABLE } from '../../shared/outcome.ts';
import { describeTime, LAST_MS } from '../pack/times.ts';

/**
 * `safe`: nothing can have been accepted. `may_double`: some of its recipients may have been texted. `pointless`: its
 * code says that the same request would be refused again.
 */
export type ReplayLabel = 'safe' | 'may_double' | 'pointless';

/** Which messages, and what is changed of their requests. Without any of it: all that is safe, as it is. */
export interface ReplayChoice {
  states?: readonly FinalState[] | undefined;
  /** As a campaign's `codes` have them: `5001`, `http_502`, `no_reply`, `no_connection`. */
  codes?: readonly string[] | undefined;
  /** Also those that may text somebody twice. A state that is named has them with it. */
  mayDouble?: boolean | undefined;
  /** At most so many messages, in the order of the list. */
  limit?: number | undefined;
  /** Most numbers of a message from now on. */
  split?: number | undefined;
  template?: string | undefined;
  /** Set, or added, for all. */
  params?: Readonly<Record<string, string>> | undefined;
  /** Unix ms after which what is unsent expires. Without it a message keeps the one it has, unless it expired by it. */
  notAfter?: number | undefined;
}

export interface Assessment {
  state: FinalState;
  /** What the campaign counts it under; empty where there is none. */
  code: string;
  label: ReplayLabel;
  isChosen: boolean;
  /** Whether its request is another one than its job says, so that its numbers move to messages of a new job. */
  isMove: boolean;
}

/** Bad JSON, bad parameters, a broken rule of the vendor's, no such template: the request itself is at fault. */
const POINTLESS: readonly string[] = ['3001', '3002', '3003', '4001'];

/** Ended so because somebody wanted it: never replayed unless named. */
const ON_PURPOSE: readonly FinalState[] = ['expired', 'cancelled', 'opted_out'];

/** @returns undefined for what cannot be replayed: accepted, pending, under way, or moved to other messages */
export function assess(
  job: Job,
  index: number,
  entry: Entry,
  cancelled: number,
  choice: ReplayChoice,
): Assessment | undefined {
  const state = stateOf(entry, cancelled);
  if (entry.isMoved || entry.state === 'open' || state === 'pending' || state === 'accepted')
    return undefined;
  const { code, accepted = 0 } = entry;
  const numbers = (job.messages[index]?.[0].length ?? 0) - entry.optedOut;
  // A refusal may come with all of them accepted.
  if (state !== 'unconfirmed' && numbers > 0 && accepted >= numbers) return undefined;
  const isChanged = changesRequest(job, index, choice);
  const mayDouble =
    state === 'unconfirmed' || state === 'shortfall' || entry.unsure > 0 || accepted > 0;
  const isPointless = state === 'rejected' && POINTLESS.includes(code) && !isChanged;
  const label = mayDouble ? 'may_double' : isPointless ? 'pointless' : 'safe';
  const isRenewed = choice.notAfter !== undefined && choice.notAfter !== job.not_after;
  return {
    state,
    code,
    label,
    isChosen: isChosen(label, state, code, choice),
    isMove: isChanged || isRenewed || state === 'expired',
  };
}

function isChosen(
  label: ReplayLabel,
  state: FinalState,
  code: string,
  { states, codes, mayDouble }: ReplayChoice,
): boolean {
  if (states && !states.includes(state)) return false;
  if (codes && !codes.includes(code)) return false;
  if (ON_PURPOSE.includes(state) && !states) return false;
  if (label === 'may_double') return states !== undefined || mayDouble === true;
  return label === 'safe' || codes !== undefined;
}

function changesRequest(job: Job, index: number, choice: ReplayChoice): boolean {
  const [to = [], values = []] = job.messages[index] ?? [];
  if (choice.template !== undefined && choice.template !== job.template) return true;
  if (choice.split !== undefined && to.length > choice.split) return true;
  return Object.entries(choice.params ?? {}).some(
    ([name, value]) => values[job.params.indexOf(name)] !== value,
  );
}

/** @throws VolleyError `bad_input` */
export function checkChoice(choice: ReplayChoice, now: number): void {
  const refuse = (what: string) => {
    throw new VolleyError('bad_input', what);
  };
  for (const state of choice.states ?? []) {
    if (state === 'lost')
      refuse('state: lost recipients cannot be replayed: who they are went with their jobs');
    if (!REPLAYABLE.includes(state))
      refuse(`state: expected some of ${REPLAYABLE.join(', ')}, got "${state}"`);
  }
  for (const name of ['limit', 'split'] as const) {
    const value = choice[name];
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      refuse(`${name}: expected a whole number above 0, got ${value}`);
  }
  if (choice.template?.trim() === '') refuse('template: expected an id, got nothing');
  const { notAfter } = choice;
  if (notAfter !== undefined && !(notAfter > now && notAfter <= LAST_MS))
    refuse(`not-after: expected a time to come, got ${describeTime(notAfter)}`);
}

/** Equal for equal choices: a replay that broke off is gone on with by the same one. */
export function fingerprintOfChoice(choice: ReplayChoice): string {
  const { states, codes, mayDouble, limit, split, template, params, notAfter } = choice;
  return JSON.stringify({
    states: states && [...states].sort(),
    codes: codes && [...codes].sort(),
    mayDouble: mayDouble === true || undefined,
    limit,
    split,
    template,
    params: params && Object.entries(params).sort(),
    notAfter,
  });
}
