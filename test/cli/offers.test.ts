/** What an error offers is pasted behind the command, as a shell takes it: then the error is another, or none. */
import { expect, test } from 'vitest';
import { run } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';
import { fileWith, VOLLEY } from './scene.ts';

/** An option with its value, which may stand in single quotes; nothing behind it is part of it. */
const OFFER =
  /--(?:international|again|allow-empty|yes)(?![\w-])|--[a-z][a-z-]+ (?:'[^']*'|\\'|[^\s'",;:()\\]|\\.)+/g;
const SEND = 'send "$LIST" --template promo --dry-run';
const PHONES = ['+6591234567', '+6591234568', '+6591234569'];

const rows = (header: string, cells: string) =>
  `${header}\n${PHONES.map((phone) => `${phone},${cells}`).join('\n')}\n`;

/** The list, what else the command has, and how many offers there are at least. */
const CASES: [string, string, string, number][] = [
  ['further columns', rows('phone,name', 'Ada'), '', 2],
  ['a column with a comma', rows('phone,"name, first"', 'Ada'), '', 2],
  ['a column with quotes of both kinds', rows(`phone,"it's ""so"""`, 'Ada'), '', 2],
  ['a column that a shell would read', rows('phone,$(date) `x` \\ * ! ~', 'Ada'), '', 2],
  ['columns that begin like options', rows('phone,-x,--y', 'Ada,Bob'), '', 2],
  ['two columns with numbers', rows('phone,mobile', '+6598765432'), '--params all', 2],
  ['no column with numbers', rows("Client's line,name", 'Ada'), '--params name', 1],
  ['a param of another name', rows("phone,First 'Name'", 'Ada'), '--params name', 1],
  [
    'a header that is no first line',
    `Report;2026\n${rows('phone,name', 'Ada')}`,
    '--params name',
    1,
  ],
  ['national numbers', 'phone\n91234567\n91234568\n91234569\n', '', 2],
  ['an encoding', 'phone,ville\n+6591234567,Orl\xe9ans\n', '--params ville', 1],
];

test.each(CASES)('%s', async (_case, content, more, least) => {
  const list = await fileWith(Buffer.from(content, 'latin1'));
  const env = { PATH: searchPath, VOLLEY, LIST: list, REDIS_URL: 'redis://127.0.0.1:1' };
  const said = async (words: string) => {
    const { code, stderr } = await run('/bin/sh', ['-c', `"$VOLLEY" ${SEND} ${words}`], { env });
    const lines = stderr.split('\n').filter((line) => line.startsWith('volley: '));
    return { code, text: lines.join('\n') };
  };
  const first = await said(more);
  expect(first.code, first.text).toBe(2);
  const offers = [...first.text.matchAll(OFFER)]
    .map(([offer]) => offer)
    .filter((offer) => !offer.endsWith('NAME=VALUE'));
  expect(offers.length, first.text).toBeGreaterThanOrEqual(least);
  for (const offer of new Set(offers)) {
    const next = await said(`${more} ${offer}`);
    expect(next.text, `${offer}\n${first.text}`).not.toBe(first.text);
    expect(next.text, offer).not.toMatch(/unknown option|too many arguments|Syntax error/);
  }
});
