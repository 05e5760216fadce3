import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { breachesOf, importsOf, longFiles, MAY_IMPORT, type Sources } from './walls.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const SRC = `${ROOT}src/`;
const BIOME = `${ROOT}node_modules/.bin/biome`;
const sources: Sources = new Map(
  globSync('**/*.{ts,lua}', { cwd: SRC }).map((file) => [file, readFileSync(SRC + file, 'utf8')]),
);

/** The house with one file more in a room, which imports these. */
const withImports = (room: string, ...specifiers: string[]): Sources => {
  const lines = specifiers.map((specifier) => `import { x } from '${specifier}';\n`);
  return new Map([...sources, [`${room}/stranger.ts`, lines.join('')]]);
};
const standing = new Set(breachesOf(sources));
const breachesWith = (more: Sources) => breachesOf(more).filter((each) => !standing.has(each));

test('every wall stands', () => {
  expect([...standing]).toEqual([]);
});

test('what is not in src has no long file without a reason, either', () => {
  const files = ['test', 'bench', 'scripts', 'examples'].flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,mjs}`, { cwd: ROOT }),
  );
  expect(files.length).toBeGreaterThan(100);
  const others = new Map(files.map((file) => [file, readFileSync(ROOT + file, 'utf8')]));
  expect([...longFiles(others)]).toEqual([]);
});

test('every import is seen: of values, types, for its effects, lazy, over several lines', () => {
  const text = `import a from 'a';
import type { B } from './b.ts';
import {
  c,
} from '../c.ts';
import './d.ts';
export { e } from './e.ts';
export type { F } from './f.ts';
const g = await import('./g.ts');
// a sentence about from 'h'
`;
  const seen = ['a', './b.ts', '../c.ts', './e.ts', './f.ts', './d.ts', './g.ts'];
  expect(importsOf(text)).toEqual(seen);
});

describe('each rule is seen to fail', () => {
  const rooms = [...new Set([...sources.keys()].map((file) => file.replace(/\/?[^/]*$/, '')))];
  const fileIn = (room: string) =>
    [...sources.keys()].find((file) => file.replace(/\/?[^/]*$/, '') === room) ?? '';

  for (const room of rooms.filter((each) => each !== '')) {
    test(`${room} imports what is not its to import`, () => {
      const up = '../'.repeat(room.split('/').length);
      const others = rooms.filter((other) => other !== room && other !== '');
      const forbidden = others.filter((other) => {
        const allowed = MAY_IMPORT[room] ?? [];
        return !allowed.includes(other) && !allowed.includes(fileIn(other));
      });
      expect(forbidden.length).toBeGreaterThan(0);
      const breaches = breachesWith(
        withImports(room, ...forbidden.map((other) => up + fileIn(other))),
      );
      const walls = breaches.filter((breach) => breach.startsWith(`${room}/stranger.ts imports `));
      const found = walls.map((wall) => wall.replace(/^.* imports (.*?):.*$/, '$1'));
      expect(found).toEqual(forbidden.map(fileIn));
    });
  }

  test('a room that nobody has spoken of', () => {
    const [breach] = breachesWith(withImports('shared/new-room', '../errors.ts'));
    expect(breach).toContain('a room that has no wall');
  });

  test('a circle, of types too', () => {
    const more = new Map(sources);
    more.set('sandbox/a.ts', `import type { B } from './b.ts';\n`);
    more.set('sandbox/b.ts', `import type { A } from './a.ts';\n`);
    const circle = 'a circle of imports: sandbox/a.ts → sandbox/b.ts → sandbox/a.ts';
    expect(breachesWith(more)).toEqual([circle]);
  });

  for (const name of ['ioredis', 'bullmq']) {
    test(`the judge and the choice know no Redis: ${name}, and what leads there`, () => {
      const words = `worker/request/stranger.ts: a way of imports leads to ${name}`;
      expect(breachesWith(withImports('worker/request', name))).toEqual([words]);
      const more = new Map(withImports('worker/request', '../../shared/leaf.ts'));
      more.set('shared/leaf.ts', `import '${name}';\n`);
      expect(breachesWith(more)).toContain(words);
      const choice = 'producer/replay/choice.ts';
      more.set(choice, `import type { Redis } from '${name}';\n${more.get(choice)}`);
      expect(breachesWith(more)).toContain(`${choice}: a way of imports leads to ${name}`);
    });
  }

  test('a folder of more than 25 files, but for the commands', () => {
    const fill = (room: string) =>
      new Map([...sources, ...[...Array(26).keys()].map((n) => [`${room}/n${n}.ts`, ''] as const)]);
    expect(breachesWith(fill('sandbox'))[0]).toMatch(/^sandbox: \d+ files, expected at most 25$/);
    expect(breachesWith(fill('cli/commands'))).toEqual([]);
  });

  test('a file of more than 250 lines, but with a reason at its top', () => {
    const lines = 'const x = 1;\n'.repeat(251);
    const long = (top: string) => new Map([...sources, ['sandbox/long.ts', top + lines]]);
    expect(breachesWith(long(''))[0]).toMatch(/^sandbox\/long.ts: 251 lines/);
    const reason = '/** Longer than 250 lines, because it is one table. */\n';
    expect(breachesWith(long(reason))).toEqual([]);
  });

  test('the environment read, and the process ended, elsewhere', () => {
    const breachesOfText = (text: string) =>
      breachesWith(new Map([...sources, ['sandbox/x.ts', text]]));
    const env = 'sandbox/x.ts reads the environment: only shared/config.ts may';
    expect(breachesOfText('const { PATH } = process.env;')).toEqual([env]);
    expect(breachesOfText('process.exit(1);')).toEqual([
      'sandbox/x.ts ends the process: only cli/ may',
    ]);
  });

  test('a function of more than 60 lines', () => {
    const folder = mkdtempSync(join(tmpdir(), 'volley-walls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const name of ['biome.json', '.gitignore']) cpSync(ROOT + name, join(folder, name));
    mkdirSync(join(folder, 'src'));
    const lint = (lines: number) => {
      const text = `export function long(x: number) {\n${'  x += 1;\n'.repeat(lines)}}\n`;
      writeFileSync(join(folder, 'src/long.ts'), text);
      return spawnSync(BIOME, ['lint', '.'], { cwd: folder, encoding: 'utf8' });
    };
    expect(lint(61).stderr).toContain('noExcessiveLinesPerFunction');
    expect(lint(58)).toMatchObject({ status: 0 });
  });
});
