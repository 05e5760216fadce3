import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { breachesOf, importsOf, MAY_IMPORT, type Sources } from './walls.ts';

const SRC = new URL('../../src/', import.meta.url).pathname;
const sources: Sources = new Map(
  globSync('**/*.{ts,lua}', { cwd: SRC }).map((file) => [file, readFileSync(SRC + file, 'utf8')]),
);

/** The house with one file more in a room, which imports that. */
const withImport = (room: string, specifier: string): Sources =>
  new Map([...sources, [`${room}/stranger.ts`, `import { x } from '${specifier}';\n`]]);
const breachesWith = (more: Sources) => {
  const before = new Set(breachesOf(sources));
  return breachesOf(more).filter((breach) => !before.has(breach));
};

test('every wall stands', () => {
  expect(breachesOf(sources)).toEqual([]);
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
      for (const other of forbidden) {
        const breaches = breachesWith(withImport(room, up + fileIn(other)));
        const wall = `${room}/stranger.ts imports ${fileIn(other)}`;
        expect(breaches.filter((breach) => breach.startsWith(wall))).toHaveLength(1);
      }
    });
  }

  test('a room that nobody has spoken of', () => {
    const [breach] = breachesWith(withImport('shared/new-room', '../errors.ts'));
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
      expect(breachesWith(withImport('worker/request', name))).toEqual([words]);
      const more = new Map(withImport('worker/request', '../../shared/leaf.ts'));
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
});
