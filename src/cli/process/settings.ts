/** The settings as a command reads them: with a word on those that are misspelt. A program's own are not looked at. */
import type { Config } from '../../shared/config.ts';
import { warn } from '../terminal/output.ts';

/**
 * @param tell takes a line for each variable that looks like a setting and is none
 * @throws VolleyError `bad_config`
 */
export async function readSettings(tell: (line: string) => void = warn): Promise<Config> {
  const { loadConfig, strangeSettings } = await import('../../shared/config.ts');
  // First: what is missing below may be what is misspelt.
  for (const line of strangeSettings()) tell(line);
  return loadConfig();
}
