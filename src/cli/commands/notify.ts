/** `volley notify`: one message now, before whatever campaigns have waiting. */
import { Command } from 'commander';
import type { AuditLine, Notification, OnUnconfirmed, Producer } from '../../producer/producer.ts';
import { VolleyError } from '../../shared/errors.ts';
import { refuseEmptyPairs } from '../arguments/blank.ts';
import { oneOf, pairs } from '../arguments/option-values.ts';
import { parseTime } from '../arguments/time.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { aborted, claimSignals } from '../process/signals.ts';
import { printJson, warn } from '../terminal/output.ts';
import { lockWords } from '../view/campaign.ts';

const HELP = `
Examples:
  volley notify --to +6591234567 --template otp --param code=4711
  volley notify --to '9123 4567' --country SG --template shipped \\
    --param order=A-17 --dedupe-key shipped-A-17 --wait

The same --dedupe-key within 24 hours is the same notification: it is sent once.
Unlike a campaign's, an unconfirmed message is sent again (--on-unconfirmed
resend), for a missed alert is worse than a second one; and what has not been
sent within an hour expires (--not-after).
--json: {message, deduplicated}; with --wait also the keys of volley audit for
  it. --wait exits 3 unless it was accepted.`;

interface NotifyCommandOptions {
  to: string;
  template: string;
  param?: Record<string, string>;
  allowEmpty?: true;
  country?: string;
  numbers?: 'valid' | 'possible';
  dedupeKey?: string;
  planName?: string;
  customArg?: Record<string, string>;
  at?: number;
  notAfter?: number;
  onUnconfirmed: OnUnconfirmed;
  wait?: true;
  json?: true;
}

export function notifyCommand(): Command {
  return new Command('notify')
    .description('send one message now')
    .requiredOption('--to <number>', 'international, with or without +; or national with --country')
    .requiredOption('--template <id>', "EngageLab's id of the template")
    .option('--param <name=value>', 'a param of the template (repeatable)', pairs('--param'))
    .option('--allow-empty', 'send empty params (default: such a param is refused)')
    .option('--country <code>', 'whose national numbers are understood, as in SG (default: none)')
    .option(
      '--numbers <rule>',
      'valid: only numbers that their country has given out; possible: of any new range, too',
      oneOf('--numbers', ['valid', 'possible'] as const),
    )
    .option('--dedupe-key <key>', 'what makes it the same notification for 24 hours')
    .option(
      '--on-unconfirmed <policy>',
      'park or resend',
      oneOf('--on-unconfirmed', ['park', 'resend']),
      'resend',
    )
    .option('--at <time>', 'EngageLab delivers then (3 minutes to 30 days ahead)', (text) =>
      parseTime('--at', text),
    )
    .option('--not-after <time>', 'what is not sent by then expires (default: in 1 h)', (text) =>
      parseTime('--not-after', text),
    )
    .option(
      '--custom-arg <name=value>',
      'handed back in callbacks (repeatable)',
      pairs('--custom-arg'),
    )
    .option('--plan-name <name>', "shown in EngageLab's console (default: notifications)")
    .option('--wait', 'wait for its result')
    .option('--yes', 'answer every question with yes (there is none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: NotifyCommandOptions): Promise<void> {
  const { param, customArg, allowEmpty, wait: _wait, json: _json, ...rest } = options;
  refuseEmptyPairs('--param', param, allowEmpty);
  const signal = claimSignals();
  await withProducer(async (producer) => {
    const sent = await producer.notify({ ...rest, params: param, customArgs: customArg });
    const { message, deduplicated } = sent;
    isDone(`notification ${message} is enqueued`, options.wait ? 3 : 0);
    const words = deduplicated ? 'it had been enqueued before, under this key' : 'enqueued';
    // Before Redis is asked again: whoever reads it must have it, whatever fails then.
    if (!options.json) console.log(`${message}: ${words}`);
    else if (!options.wait) printJson({ message, deduplicated });
    await warnOfHindrance(producer);
    if (!options.wait) return;
    const line = await resultOf(sent, signal);
    if (options.json) printJson({ ...(line ?? { message }), deduplicated });
    else if (line) console.log(await resultWords(line));
    if (line?.state !== 'accepted') process.exitCode = 3;
  });
}

async function warnOfHindrance({ inside }: Producer): Promise<void> {
  const { fleet } = inside;
  const workers = await fleet.workers();
  if (workers.length === 0) {
    warn('no worker is running; it is sent when one does: volley worker');
  }
  const heldUp = await inside.heldUp('notifications');
  if (heldUp !== undefined) warn(`${heldUp}; volley resume notifications undoes that`);
  const [lock] = await fleet.locks();
  if (lock) console.error(`warning: the valve is locked: ${lockWords(lock)}`);
}

/** @returns undefined where its job is gone, which has been said then: that it was enqueued stays true */
async function resultOf(
  { message, result }: Notification,
  signal: AbortSignal,
): Promise<AuditLine | undefined> {
  const stopped = new AbortController();
  void aborted(signal).then(() =>
    stopped.abort(
      new VolleyError('interrupted', `notification ${message} goes on without this command`),
    ),
  );
  return result(stopped.signal).catch((error: unknown) => {
    if (!(error instanceof VolleyError && error.code === 'not_found')) throw error;
    console.error(`volley: ${error.message}`);
    return undefined;
  });
}

async function resultWords({ state, detail, plan_id }: AuditLine): Promise<string> {
  const { maskPhonesIn } = await import('../../producer/producer.ts');
  return `${state}${detail ? `: ${maskPhonesIn(detail)}` : ''} (plan ${plan_id ?? '-'})`;
}
