/** What `pause`, `resume` and `cancel` say of a campaign afterwards. */
import type { ControlResult } from '../producer/pause.ts';
import { statusJson } from './campaign-view.ts';
import { bold } from './output.ts';

export function controlJson({ changed, ...status }: ControlResult): object {
  return { ...statusJson(status), changed };
}

export function printControl({ campaign }: ControlResult, words: string): void {
  console.log(`${bold(campaign)}  ${words}`);
}
