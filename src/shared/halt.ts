/**
 * When a campaign stops by itself, and why, in words. That it does is decided in `ledger/halt.lua`.
 */
import { maskPhonesIn } from './phone.ts';

/** So many messages of a campaign in a row, refused under one code and none accepted between, pause it. */
export const HALT_AFTER = 20;

/** What the script wrote down of a halt. */
export interface Halt {
  /** As the counts have it: `4001`, `http_400`. */
  code: string;
  /** What EngageLab said, with its numbers masked; empty where it said nothing. */
  words: string;
}

/** @param written the code, and EngageLab's words behind it */
export function haltOf(written = ''): Halt {
  const [code = ''] = written.split(' ', 1);
  return { code, words: maskPhonesIn(written.slice(code.length).trim()) };
}

/** Why a campaign halted, what helps, and what may be done then. */
export function whyHalted(
  campaign: string,
  { code, words }: Halt,
  haltAfter: number | 'never' = HALT_AFTER,
): string {
  const streak = `${haltAfter} ${haltAfter === 1 ? 'message' : 'messages in a row'} refused with ${code}`;
  const said = words === '' ? '' : `; EngageLab said: ${words}`;
  return (
    `${streak}, none accepted between${said}. ${remedyOf(code)}. ` +
    `volley resume ${campaign} goes on and does not stop for ${code} again, volley cancel ${campaign} ends it; ` +
    `once it is mended, volley replay ${campaign} --code ${code} sends again what was refused`
  );
}

/** By the vendor's table of codes. */
const REMEDIES: Readonly<Record<string, string>> = {
  '3001': 'It could not read the requests: see that ENGAGELAB_BASE_URL leads to its SMS API',
  '3002': "It takes a parameter for wrong: compare the params with the template's variables",
  '3003': 'A rule of its own was broken, and its words say which; see the account and its balance',
  '3004': 'These people had this template a moment ago: wait until its codes are no longer valid',
  '4001': 'Something named does not exist: see that the template is there, and its id is right',
  '5001': 'It could not send, and its words say why; see the account, its balance and the template',
};

function remedyOf(code: string): string {
  if (code.startsWith('http_')) {
    return 'The reply has no code of its own: see that ENGAGELAB_BASE_URL is right, and what stands between';
  }
  return REMEDIES[code] ?? 'The code is in no table: its words are all that is known of it';
}
