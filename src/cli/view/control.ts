/** What `pause`, `resume` and `cancel` say of a campaign afterwards. */
import type { ControlResult } from '../../producer/producer.ts';
import { bold } from '../terminal/output.ts';
import { withinWidth } from '../terminal/within-width.ts';
import { statusJson } from './campaign.ts';

export function controlJson({ changed, ...status }: ControlResult): object {
  return { ...statusJson(status), changed };
}

export function printControl({ campaign }: ControlResult, words: string): void {
  console.log(withinWidth(`${bold(campaign)}  ${words}`, process.stdout.columns));
}
