/** Every script of the sources, as Redis gets it: it compiles there, and its header says what a caller must know. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { composeScript } from '../../../src/shared/redis/script.ts';
import { connect } from '../../support/redis.ts';

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url));
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.lua'))
  .sort();
const textOf = (path: string) => readFileSync(join(SOURCES, path), 'utf8');
const isPiece = (path: string) => /^-- PIECE /m.test(textOf(path));
const scripts = files.filter((path) => !isPiece(path));

/** The header by its titles; what comes before the first of them stands under `''`. */
function headerOf(text: string): Record<string, string> {
  const header: Record<string, string> = {};
  let title = '';
  for (const line of text.split('\n')) {
    if (!line.startsWith('--')) break;
    const [, next, rest = ''] = /^-- ([A-Z]+) +(.*)$/.exec(line) ?? [];
    title = next ?? (line === '--' ? '' : title);
    header[title] = `${header[title] ?? ''} ${next === undefined ? line.slice(2) : rest}`.trim();
  }
  return header;
}

/** The numbers by which a text names keys or arguments, each once. */
function numbersOf(name: 'KEYS' | 'ARGV', text: string): number[] {
  const found = [...text.matchAll(new RegExp(`${name}\\[(\\d+)\\]`, 'g'))];
  return [...new Set(found.map(([, number]) => Number(number)))];
}

/** A script with whatever it wants to be given. */
function compose(path: string): string {
  const read = (from: string): string[] => {
    const { WITH, GIVEN } = headerOf(textOf(from));
    const pieces = WITH?.split(' ').map((piece) => join(dirname(from), piece)) ?? [];
    return [...(GIVEN?.split(' ') ?? []), ...pieces.flatMap(read)];
  };
  const given = Object.fromEntries(read(path).map((name) => [name, 'something']));
  return composeScript(pathToFileURL(join(SOURCES, path)), given);
}

test('there are scripts', () => {
  expect(scripts).toContain('shared/ledger/close.lua');
});

describe.each(scripts)('%s', (path) => {
  test('is what Redis can read', async () => {
    const text = compose(path);
    expect(await connect().script('LOAD', text)).toMatch(/^[0-9a-f]{40}$/);
    expect(text).not.toMatch(/^\s*--/m);
  });

  test('says what it does, its keys, arguments and returns, and why it may run twice', () => {
    const text = textOf(path);
    const header = headerOf(text);
    for (const title of ['', 'KEYS', 'ARGV', 'RETURNS', 'TWICE'])
      expect(header[title], title || 'what it does').toMatch(/\w/);
    for (const name of ['KEYS', 'ARGV'] as const)
      for (const number of numbersOf(name, text))
        expect(header[name], `${name}[${number}]`).toMatch(new RegExp(`(^|[ ,])${number} `));
  });

  test('is run by a module beside it', () => {
    const folder = join(SOURCES, dirname(path));
    const name = `new URL('${path.slice(dirname(path).length + 1)}', import.meta.url)`;
    const modules = readdirSync(folder).filter((each) => each.endsWith('.ts'));
    const users = modules.filter((each) => readFileSync(join(folder, each), 'utf8').includes(name));
    expect(users).toHaveLength(1);
  });
});

test.each(files.filter(isPiece))('%s is a piece of a script, and says what it gives', (path) => {
  const { PIECE = '' } = headerOf(textOf(path));
  for (const name of PIECE.split(', '))
    expect(textOf(path)).toMatch(new RegExp(`^local .*${name}`, 'm'));
  expect(
    files.filter((each) => headerOf(textOf(each))['WITH']?.includes(path.split('/').at(-1) ?? '')),
  ).not.toEqual([]);
});

describe('a script that is put together', () => {
  async function write(files: Record<string, string>) {
    const folder = await mkdtemp(join(tmpdir(), 'volley-lua-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return pathToFileURL(join(folder, 'whole.lua'));
  }
  const files = {
    'whole.lua':
      "-- Says it.\n-- WITH  one.lua two.lua\n-- GIVEN WORD\n\n  -- so\nreturn one() .. '-- no comment'\n",
    'one.lua': '-- PIECE one\n-- WITH  two.lua\nlocal function one() return two() end\n',
    'two.lua': '-- PIECE two\nlocal function two() return WORD end\n',
  };

  test('has each piece once, before what needs it, what it is given, and no comments', async () => {
    const text = composeScript(await write(files), { WORD: 'all "accepted"' });
    expect(text.split('\n')).toEqual([
      'local WORD = "all \\"accepted\\""',
      'local function two() return WORD end',
      'local function one() return two() end',
      "return one() .. '-- no comment'",
      '',
    ]);
    expect(await connect().eval(text, 0)).toBe('all "accepted"-- no comment');
  });

  test('is refused without what it wants, and with more', async () => {
    const file = await write(files);
    expect(() => composeScript(file, {})).toThrow('whole.lua: expected WORD, got nothing');
    expect(() => composeScript(file, { WORD: 1, MORE: 2 })).toThrow(
      'expected WORD, got WORD, MORE',
    );
  });
});
