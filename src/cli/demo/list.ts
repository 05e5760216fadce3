/**
 * The demo's list: the same 10,000 rows each time, written the way people write them. Most have a text of their own,
 * a fifth share one; some are bad, some come twice, in another spelling.
 */
import { writeFile } from 'node:fs/promises';

export const DEMO_ROWS = 10_000;

const NAMES = [
  'Ada',
  'Bob',
  'Chloé',
  'Deepak',
  'Eun-ji',
  'Farid',
  'Grace',
  'Hui Min',
  '"Iz"',
  'Jo',
];
const FIRST_NUMBER = 91_000_000;
/** Rows of the last fifth share their params, and so their messages. */
const SHARED_FROM = 8000;

/** A number with a text of its own, and two that share theirs with many: for faults that must not be left to chance. */
export const LONE_NUMBER = numberAt(4002);
export const SHARED_NUMBERS = [numberAt(8002), numberAt(9502)] as const;

export async function writeDemoList(path: string): Promise<void> {
  const lines = ['phone,name,code,email'];
  for (let at = 0; at < DEMO_ROWS; at++) lines.push(rowAt(at));
  await writeFile(path, `${lines.join('\n')}\n`);
}

function rowAt(at: number): string {
  const params = at < SHARED_FROM ? `${nameAt(at)},SPRING-${at}` : 'dear customer,SPRING';
  const email = `someone${at}@example.com`;
  if (at % 60 === 59) return badRow(at, params, email);
  // Said again, in another spelling: the one before it.
  if (at % 80 === 1) return `${spaced(numberAt(at - 1))},${params},${email}`;
  const number = numberAt(at);
  const spelt = at % 3 === 0 ? number : at % 3 === 1 ? number.slice(1) : spaced(number);
  return `${spelt},${params},${email}`;
}

/** The ways in which rows go wrong, by turns. */
function badRow(at: number, params: string, email: string): string {
  const number = numberAt(at);
  const ways = [
    `${number.slice(0, 6)},${params},${email}`,
    `n/a,${params},${email}`,
    `6.59E+09,${params},${email}`,
    `,${params},${email}`,
    `${number},,SPRING,${email}`,
    `${number},${params}`,
  ];
  return ways[Math.floor(at / 60) % ways.length] ?? '';
}

function nameAt(at: number): string {
  const name = NAMES[at % NAMES.length] ?? '';
  return name.includes('"') ? `"${name.replaceAll('"', '""')}"` : name;
}

function numberAt(at: number): string {
  return `+65${FIRST_NUMBER + at * 37}`;
}

function spaced(number: string): string {
  return `${number.slice(0, 3)} ${number.slice(3, 7)} ${number.slice(7)}`;
}
