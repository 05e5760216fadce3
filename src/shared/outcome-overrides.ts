/** What `VOLLEY_OUTCOMES` says: another outcome for a code or a status. */
import * as z from 'zod';

const OverrideOutcome = z.enum(['retry', 'rejected', 'unconfirmed']);
/** What a code or a status may be taken for, in place of what it is. */
export type OverrideOutcome = z.infer<typeof OverrideOutcome>;

/** `5001=retry,504=unconfirmed`: 300 to 599 are HTTP statuses, anything else is EngageLab's code. */
export const OutcomeOverrides = z.string().transform((text, context) => {
  const rules = new Map<number, OverrideOutcome>();
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const match = /^(\d{1,9})\s*=\s*(\w+)$/.exec(part);
    const outcome = OverrideOutcome.safeParse(match?.[2]);
    const key = Number(match?.[1]);
    const isSuccess = key === 0 || (key >= 100 && key <= 299);
    if (!match || !outcome.success || isSuccess) {
      context.issues.push({
        code: 'custom',
        input: part,
        message:
          'expected CODE=OUTCOME or STATUS=OUTCOME, separated by commas, OUTCOME one of retry, rejected, ' +
          'unconfirmed, STATUS from 300 to 599',
      });
      return z.NEVER;
    }
    rules.set(key, outcome.data);
  }
  return rules;
});
