import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import { HALT_AFTER } from '../halt.ts';
import { NOTIFICATIONS } from '../job.ts';
import { type CampaignKeys, createKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';
import { encodeFirstAccepted } from './entry.ts';
import { ALL_ACCEPTED } from './fold.ts';
import {
  type ClosingVerdict,
  type EntryState,
  statesOfLetters,
  VERDICT_LETTERS,
} from './letters.ts';

/**
 * The close: writes attempts down, settles their messages and moves the campaign's counts, in one step, whoever holds
 * the job. What is already known is not counted twice.
 */
const CLOSE = loadScript(new URL('close.lua', import.meta.url), { ALL_ACCEPTED });

/** They are many people's concern, and one bad template among them must not keep back the others. */
const NEVER_HALTED = createKeys('').campaign(NOTIFICATIONS).queue;

export interface Closing {
  index: number;
  number: number;
  run: string;
  verdict: ClosingVerdict | 'doubtful';
  /** How many numbers the message has. */
  numbers: number;
  /** `accepted_count`, where EngageLab gave one. */
  accepted?: number | undefined;
  /** What the campaign counts the recipients under if they are not accepted. */
  code?: string | undefined;
  /** Unix ms before which it is not tried again. */
  due?: number | undefined;
  /** The attempt's text, as `encodeAttempt` makes it. */
  attempt?: string | undefined;
}

export interface ClosingRules {
  attempts: number;
  park: boolean;
}

/** @returns each message's state afterwards, in the order given. */
export async function closeAttempts(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  rules: ClosingRules,
  closings: readonly Closing[],
): Promise<EntryState[]> {
  const haltAfter = keys.queue === NEVER_HALTED ? 'never' : HALT_AFTER;
  const values: (string | number)[] = [rules.attempts, rules.park ? 1 : 0, haltAfter];
  for (const each of closings) values.push(each.index, each.numbers, happened(each));
  const reply = await CLOSE.run(
    redis,
    [keys.ledger(jobId), keys.counts, keys.campaign, keys.job(jobId), keys.gone, keys.retired],
    values,
  );
  const states = statesOfLetters(reply);
  if (states?.length === closings.length) return states;
  throw new VolleyError('corrupt', `job ${jobId}: the ledger answered ${JSON.stringify(reply)}`);
}

function happened(closing: Closing): string {
  const { number, run, verdict, numbers, accepted, code = '', due = '', attempt = '' } = closing;
  const isPlain = verdict === 'accepted' && number === 1 && accepted === numbers;
  const entry = isPlain ? encodeFirstAccepted(run, attempt) : undefined;
  if (entry !== undefined) return entry;
  const letter = VERDICT_LETTERS[verdict];
  return `${number},${run},${letter},${accepted ?? ''},${code},${due},${attempt}`;
}
