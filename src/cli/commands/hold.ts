/** `volley hold` and `volley release`: the valve of the whole fleet, by hand. */
import { Command } from 'commander';
import type { Lock } from '../../producer/producer.ts';
import { isOpenedByNameOnly, LOCK_REASONS, type LockReason } from '../../shared/lock-reasons.ts';
import { oneOf } from '../arguments/option-values.ts';
import { isDone } from '../process/ending.ts';
import { withProducer } from '../process/session.ts';
import { printJson } from '../terminal/output.ts';
import { lockJson, lockWords } from '../view/campaign.ts';

const HOLD_HELP = `
Examples:
  volley hold
  volley hold --detail 'wrong prices in the spring campaign'

When it returns, within some 2 s, nothing further leaves until volley release:
no reply, probe or start of a worker lifts this lock. Requests under way are
still written down.
--json: {valve: [{reason, since, until, detail}]}`;

const RELEASE_HELP = `
Examples:
  volley release                       all locks, but far_end
  volley release --reason operator     only what volley hold had locked
  volley release --reason far_end      what answers is EngageLab again

far_end says that twenty replies in a row cannot have come from EngageLab: mend
ENGAGELAB_BASE_URL, or what stands on the way there, and then open it by its
name. No start of a worker lifts it.

--json: {released: [reason, …], valve: [{reason, since, until, detail}]}`;

export function holdCommand(): Command {
  return new Command('hold')
    .description('stop the whole fleet, until released')
    .option('--detail <text>', 'why, for whoever looks at the status', 'held by an operator')
    .option('--yes', 'answer every question with yes (there is none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HOLD_HELP)
    .action(hold);
}

export function releaseCommand(): Command {
  return new Command('release')
    .description('open the valve: all its locks but far_end, or those of one reason')
    .option('--reason <reason>', LOCK_REASONS.join(', '), oneOf('--reason', LOCK_REASONS))
    .option('--yes', 'answer every question with yes (there is none)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', RELEASE_HELP)
    .action(release);
}

async function hold(options: { detail: string; json?: true }): Promise<void> {
  await withProducer(async ({ inside: { fleet } }) => {
    const isNew = await fleet.hold(options.detail);
    isDone('the fleet is held');
    const valve = await fleet.locks();
    if (options.json) return printJson({ valve: valve.map(lockJson) });
    console.log(
      isNew ? 'held: nothing further is sent until volley release' : 'it was held already',
    );
  });
}

async function release(options: { reason?: LockReason; json?: true }): Promise<void> {
  await withProducer(async ({ inside: { fleet } }) => {
    const before = await fleet.locks();
    await fleet.release(options.reason);
    isDone(`the valve was released (${options.reason ?? 'all locks that need no --reason'})`);
    const left = await fleet.locks();
    const isGone = (reason: LockReason) => left.every((lock) => lock.reason !== reason);
    const released = [...new Set(before.map(({ reason }) => reason))].filter(isGone);
    if (options.json) return printJson({ released, valve: left.map(lockJson) });
    if (released.length > 0) console.log(`released: ${released.join(', ')}`);
    else console.log(left.length > 0 ? 'nothing was released' : 'nothing was locked');
    for (const lock of left) console.log(`still locked: ${lockWords(lock)}${toOpen(lock)}`);
  });
}

function toOpen({ reason }: Lock): string {
  return isOpenedByNameOnly(reason)
    ? `\nThat one is opened by its name: volley release --reason ${reason}`
    : '';
}
