// Writes docs/errors.md from the tables in src/shared/errors.ts: `npm run docs`. A test fails where it is out of date.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CONFLICTS, ERROR_CODES } from '../src/shared/errors.ts';

export const PAGE = new URL('../docs/errors.md', import.meta.url);

const AGAIN = { yes: 'yes', no: 'no', depends: '`why` tells' };

export function errorsPage(): string {
  const codes = Object.entries(ERROR_CODES).map(([code, { when, again, advice, exit }]) => [
    `\`${code}\``,
    when,
    AGAIN[again],
    advice,
    String(exit),
  ]);
  const reasons = Object.entries(CONFLICTS).map(([why, { when, again, advice }]) => [
    `\`${why}\``,
    when,
    AGAIN[again],
    advice,
  ]);
  return `# Errors

Made by \`npm run docs\` from \`src/shared/errors.ts\`; change it there.

What Volley throws on purpose is a \`VolleyError\`. Its \`code\` is one of the words below, and stays what it is; its message is for people, and may change. Where the code is \`conflict\`, \`details.why\` says what stood in the way. The command writes the message to standard error, as lines that begin with \`volley:\`, and ends with the exit code.

\`\`\`ts
import { VolleyError } from 'volley';

try {
  await volley.send(source, options);
} catch (error) {
  if (!(error instanceof VolleyError)) throw error;
  if (error.code === 'unavailable' || error.details?.why === 'send_at_work') tryLater();
  else if (error.details?.why === 'same_list') askWhetherAgain();
  else throw error;
}
\`\`\`

## Codes

"Again" says whether the same call, made again without a change, can succeed. Two errors \`unavailable\` leave open whether the deed was done, and say so. A \`send\` may be made again all the same: it tells, and sends nothing twice. A \`notify\` may be made again only with the \`dedupeKey\` it had; without one it may be sent twice.

${table(['code', 'thrown when', 'again', 'what to do', 'exit code'], codes)}

Exit codes 0 and 3 are no errors: 3 is "done, but not for all".

## Why it is a conflict

${table(['`details.why`', 'thrown when', 'again', 'what to do'], reasons)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, errorsPage());
