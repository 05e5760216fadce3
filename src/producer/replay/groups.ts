/**
 * What there is to replay, in groups that a person can judge: who has read one of a group has seen
 * them all.
 */
import type { StoredJob } from '../../shared/campaign/stored-jobs.ts';
import type { FinalState } from '../../shared/outcome.ts';
import { maskPhone, maskPhonesIn } from '../../shared/phone.ts';
import type { Assessment, ReplayLabel } from './choice.ts';

/** Messages with one state, code, text and label. */
export interface ReplayGroup {
  state: FinalState;
  /** As the campaign's `codes` have it. */
  code: string | null;
  /** EngageLab's words, or the error, of the last attempt; numbers in them are masked. */
  detail: string | null;
  label: ReplayLabel;
  messages: number;
  recipients: number;
  /** How many of its messages would be replayed. */
  chosen: number;
  /** A few of its numbers, masked. */
  examples: string[];
}

const EXAMPLES = 3;
/** Texts that are all different make no groups that anybody reads. */
const MOST_GROUPS = 100;

export class ReplayGroups {
  readonly #groups = new Map<string, ReplayGroup>();

  /** What comes first is what may be replayed without a thought, and of that the most. */
  list(): ReplayGroup[] {
    return [...this.#groups.values()].sort(byWeight);
  }

  add(
    { job, entries }: StoredJob,
    index: number,
    { state, code, label }: Assessment,
    isChosen: boolean,
  ): void {
    const [to = []] = job.messages[index] ?? [];
    const words = maskPhonesIn(entries[index]?.last?.words ?? '').replace(/\d{6,}/g, '…');
    const keyOf = (detail: string) => [state, code, label, detail].join('\n');
    const detail =
      this.#groups.has(keyOf(words)) || this.#groups.size < MOST_GROUPS ? words : '(other words)';
    let group = this.#groups.get(keyOf(detail));
    if (!group) {
      const counts = { messages: 0, recipients: 0, chosen: 0, examples: [] };
      group = { state, code: code || null, detail: detail || null, label, ...counts };
      this.#groups.set(keyOf(detail), group);
    }
    group.messages += 1;
    group.recipients += to.length;
    if (isChosen) group.chosen += 1;
    if (group.examples.length < EXAMPLES && to[0] !== undefined)
      group.examples.push(maskPhone(to[0]));
  }
}

const LABELS: readonly ReplayLabel[] = ['safe', 'may_double', 'pointless'];

function byWeight(one: ReplayGroup, other: ReplayGroup): number {
  const label = LABELS.indexOf(one.label) - LABELS.indexOf(other.label);
  return label || other.messages - one.messages;
}
