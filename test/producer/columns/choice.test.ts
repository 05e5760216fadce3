import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ColumnChoice, columnsFrom } from '../../../src/producer/columns/choice.ts';
import { parseNames } from '../../../src/shared/name-list.ts';

type Some = Partial<ColumnChoice>;

function choose(cells: readonly string[], choice: Some = {}) {
  return columnsFrom(cells, 'list, header', {
    params: undefined,
    constants: [],
    phoneColumn: undefined,
    ...choice,
  });
}

/** `name:index` of each param. */
function sent(cells: readonly string[], choice: Some): string[] {
  const { names, picked } = choose(cells, choice);
  return names.map((name, at) => `${name}:${picked[at]}`);
}

function errorOf(cells: readonly string[], choice: Some = {}): string {
  try {
    choose(cells, choice);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('expected an error, got none');
}

/** The values that an error offers for an option, as a shell takes them. */
function offered(message: string, option: string): string[] {
  const words = execFileSync('sh', [], {
    // An offer ends with the line, at the next one, or in front of a bracket.
    input: message
      .split(`${option} `)
      .slice(1)
      .map((rest) => `printf '%s\\000' ${rest.split(/ or (?=--|$)| \(or those/)[0]}\n`)
      .join(''),
    encoding: 'utf8',
  });
  return words.split('\0').slice(0, -1);
}

test.each<[string, string[], Some, string[]]>([
  ['a name', ['phone', 'a', 'b'], { params: ['b'] }, ['b:2']],
  ['another case', ['phone', 'First Name'], { params: ['first name'] }, ['first name:1']],
  ['the exact of two cases', ['phone', 'NAME', 'name'], { params: ['name'] }, ['name:2']],
  ['a comma', ['phone', 'name, first'], { params: ['name, first'] }, ['name, first:1']],
  ['a decomposed letter', ['phone', 'Gro\u0308\u00dfe'], { params: ['größe'] }, ['größe:1']],
  ['invisible ones', ['\ufeffphone', 'na\u200bm\u00ade\ufe0f'], { params: ['name'] }, ['name:1']],
  [
    'no-break spaces',
    ['phone', '\u00a0First\u00a0Name\u202f'],
    { params: 'all' },
    ['First Name:1'],
  ],
  ['a line end', ['phone', 'First\r\nName'], { params: 'all' }, ['First Name:1']],
  ['direction marks', ['\u200fphone', '\u202bname\u202c'], { params: 'all' }, ['name:1']],
  ['nameless ones at the end', ['phone', 'a', '', ' ', '\u200b'], { params: 'all' }, ['a:1']],
  ['twins not chosen', ['phone', 'Notes', 'Notes', 'a'], { params: ['a'] }, ['a:3']],
  ['nameless twins', ['', '', 'phone', 'a'], { params: ['a'] }, ['a:3']],
  ['the number itself', ['phone', 'a'], { params: ['phone'] }, ['phone:0']],
  ['a variable', ['phone', 'First Name', 'x'], { columns: { name: 'First Name' } }, ['name:1']],
  [
    'variables beside params',
    ['phone', 'a', 'B C', 'D'],
    { params: ['a', 'x'], columns: { y: 'd', x: 'B C' } },
    ['a:1', 'x:2', 'y:3'],
  ],
  [
    'renamed ones of all',
    ['phone', 'a', 'B C', 'D', ''],
    { params: 'all', columns: { x: 'B C' } },
    ['a:1', 'x:2', 'D:3'],
  ],
  [
    'the number under a name, and all',
    ['phone', 'a'],
    { params: 'all', columns: { number: 'phone' } },
    ['number:0', 'a:1'],
  ],
  ['one column twice', ['phone', 'A'], { columns: { x: 'A', y: 'a' } }, ['x:1', 'y:1']],
  ['none of them', ['phone', 'a'], { constants: ['x'] }, []],
])('sends %s', (_case, cells, choice, expected) => {
  expect(sent(cells, choice)).toEqual(expected);
});

test.each<[string, string[], Some, string]>([
  ['twins', ['phone', 'N', 'N'], { params: ['N'] }, 'got "N" twice, as columns 2 and 3'],
  ['twins that differ by what is invisible', ['phone', 'N', 'N\u200b'], { params: 'all' }, 'twice'],
  ['twins of another case', ['phone', 'N', 'N'], { params: ['n'] }, 'got "N" twice'],
  ['twins under another name', ['phone', 'N', 'N'], { columns: { a: 'N' } }, 'got "N" twice'],
  ['twin numbers', ['phone', 'a', 'phone'], {}, '"phone" as columns 1 and 3'],
  [
    'twin numbers by name',
    ['x', 'x'],
    { phoneColumn: 'X' },
    '"x" as columns 1 and 2; give them different names',
  ],
  ['a nameless one in the middle', ['phone', '', 'a'], { params: 'all' }, 'none for column 2'],
  [
    'a name that a variable has, too',
    ['phone', 'name', 'First'],
    { params: 'all', columns: { name: 'First' } },
    'got "name" twice, as columns 2 and 3',
  ],
  [
    'a column that is not there',
    ['phone', 'a'],
    { columns: { name: 'First' } },
    'expected a column for the param "name", called "First", got "phone", "a"',
  ],
  ['an empty column name', ['phone', ''], { columns: { a: ' ' } }, 'expected a column for'],
  ['a name twice', ['phone', 'a'], { params: ['a', 'a'] }, 'the param "a" is named twice'],
  [
    'a constant that is a variable',
    ['phone', 'a'],
    { columns: { x: 'a' }, constants: ['x'] },
    'the param "x" is both a column of the list and a constant',
  ],
  ['a fax', ['Fax', 'Phone Type'], {}, 'expected a column phone, to or mobile'],
])('refuses %s', (_case, cells, choice, message) => {
  expect(errorOf(cells, choice)).toContain(message);
});

test('shows no whole number', () => {
  for (const cells of [
    ['+6591234567', 'Ana'],
    ["'6591234567", 'Ana'],
    ['Kunde', '+65 9123 4567'],
    ['phone', 'Ana +6591234567', 'b'],
    ['- to: "+6591234567"'],
    ['Ana 9123 4567', 'x'],
    ['Mobile (+6591234567)', 'Tel (+65 9123 4567)'],
  ]) {
    expect(errorOf(cells)).not.toMatch(/9123 ?4567/);
    expect(errorOf(cells, { params: ['ana'] })).not.toMatch(/9123 ?4567/);
    expect(errorOf([...cells, 'x', 'x'], { params: 'all' })).not.toMatch(/9123 ?4567/);
  }
});

test('offers each of two columns, as a shell takes it', () => {
  const cells = ["Friend's Phone", 'Phone "work"', 'Mobile $HOME'];
  const message = errorOf(['Mobile Phone', 'Billing Phone']);
  expect(offered(message, '--phone-column')).toEqual(['Mobile Phone', 'Billing Phone']);
  const found = offered(errorOf(cells), '--phone-column');
  expect(found).toEqual(cells);
  for (const phoneColumn of found) {
    const { phone } = choose(cells, { phoneColumn, params: [] });
    expect(cells[phone]).toBe(phoneColumn);
  }
});

test('offers variables for a param that is no column, and for one of two cases', () => {
  const cells = ['phone', 'First Name', "Father's Name", 'city'];
  const message = errorOf(cells, { params: ['name'] });
  expect(offered(message, '--column')).toEqual(['name=First Name', "name=Father's Name"]);
  const cased = errorOf(['phone', 'Name', 'NAME'], { params: ['name'] });
  expect(cased).toContain('got "Name" and "NAME"');
  expect(offered(cased, '--column')).toEqual(['name=Name', 'name=NAME']);
  expect(sent(['phone', 'Name', 'NAME'], { params: ['name'], columns: { name: 'NAME' } })).toEqual([
    'name:2',
  ]);
});

test('the params that are offered choose those columns, whatever they are called', () => {
  const name = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: fc.constantFrom(...'\'",;$`\\! aB\u001b'), minLength: 1 }),
      fc.constantFrom('all', 'a, b', '"q"', "it's"),
    )
    .map((text) => `n${text.replaceAll('\0', '').toWellFormed()}`);
  const names = fc.uniqueArray(name, {
    minLength: 1,
    maxLength: 4,
    selector: (each) => each.trim(),
  });
  fc.assert(
    fc.property(names, (others) => {
      const cells = ['phone', ...others];
      const [line = ''] = offered(errorOf(cells), '--params');
      const params = parseNames(line);
      const { picked } = choose(cells, { params });
      const chosen = choose(cells, { params: 'all' });
      expect(picked).toEqual(chosen.picked);
      expect(params).toEqual(chosen.names);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['all of them', 'all'],
  ['each by its name', Array.from({ length: 300_000 }, (_none, at) => `C${at}`)],
] as const)('300,000 columns, none of which is looked for among all others: %s', (_way, params) => {
  const cells = ['phone', ...Array.from({ length: 300_000 }, (_none, at) => `c${at}`)];
  const { names, roles } = columnsFrom(cells, 'list, header', {
    params,
    constants: [],
    phoneColumn: undefined,
  });
  // Else the test would run out of its time.
  expect(names).toHaveLength(300_000);
  expect(roles.unused).toEqual([]);
});
