/** What the shells complete: asked of the shells themselves, where they are there. */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allOf, shapeOf } from '../../../src/cli/completion/shape.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { run, temporaryFolder, writeAll } from '../../support/programs.ts';
import { searchPath } from '../../support/redis.ts';
import { VOLLEY } from '../scene.ts';

const env = { PATH: searchPath };
const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const scripts: Record<string, string> = {};

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await run(VOLLEY, ['completion', shell], { env });
    expect([code, stderr]).toEqual([0, '']);
    scripts[shell] = stdout;
  }
});

/** What each shell is asked with, and what it must offer: all of it, in any order. */
const CASES: [string, string[]][] = [
  ['volley se', ['send']],
  ['volley res', ['resume']],
  ['volley re', ['resume', 'replay', 'release']],
  ['volley send --ph', ['--phone-column']],
  ['volley send list.csv --template promo --ex', ['--exclude']],
  ['volley suppress im', ['import']],
  ['volley suppress import --fo', ['--format']],
  ['volley suppress import --format nd', ['ndjson']],
  ['volley send --format ', ['csv', 'ndjson', 'json', 'xlsx']],
  ['volley send --format x', ['xlsx']],
  ['volley notify --on-unconfirmed ', ['park', 'resend']],
  ['volley audit --state un', ['unconfirmed']],
  ['volley audit --state rejected,un', ['rejected,unconfirmed']],
  ['volley audit --state rejected,expired,canc', ['rejected,expired,cancelled']],
  ['volley replay spring --state exp', ['expired']],
  ['volley replay spring --state rejected,exp', ['rejected,expired']],
  ['volley release --reason op', ['operator']],
  ['volley completion ', ['bash', 'zsh', 'fish']],
  ['volley help doc', ['doctor']],
  ['volley send --template ', []],
  ['volley status hold --js', ['--json']],
  ['volley --ver', ['--version']],
];

const BASH = `
words=("$@")
COMP_WORDS=("\${words[@]}") COMP_CWORD=$((\${#words[@]} - 1))
_volley
printf '%s\\n' "\${COMPREPLY[@]}"
`;

describe('bash', () => {
  /** What its function answers, called as bash calls it. */
  async function complete(words: string[], cwd?: string): Promise<string[]> {
    const script = `${scripts['bash']}${BASH}`;
    const options = { env, ...(cwd !== undefined && { cwd }) };
    const { code, stdout, stderr } = await run('bash', ['-c', script, 'bash', ...words], options);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  test.each(CASES)('%j', async (line, offered) => {
    expect((await complete(line.split(' '))).sort()).toEqual([...offered].sort());
  });

  test('a value behind an = sign, which bash takes for a word', async () => {
    expect(await complete(['volley', 'send', '--format', '=', 'nd'])).toEqual(['ndjson']);
    expect(await complete(['volley', 'send', '--format', '='])).toContain('xlsx');
  });

  test('files, also those with spaces, where a file is meant, and folders where one is', async () => {
    const folder = await temporaryFolder();
    await writeAll(folder, { 'my list.csv': '', 'other.txt': '' });
    await mkdir(join(folder, 'my data'));
    const all = ['my data', 'my list.csv', 'other.txt'];
    expect((await complete(['volley', 'send', ''], folder)).sort()).toEqual(all);
    expect(await complete(['volley', 'send', 'oth'], folder)).toEqual(['other.txt']);
    expect((await complete(['volley', 'send', 'x', '--rejects', 'my'], folder)).sort()).toEqual(
      all.slice(0, 2),
    );
    expect(await complete(['volley', 'suppress', 'import', 'oth'], folder)).toEqual(['other.txt']);
    expect(await complete(['volley', 'up', '--data', 'my'], folder)).toEqual(['my data']);
    expect(await complete(['volley', 'status', 'my'], folder)).toEqual([]);
  });

  test('every command and every option there is', async () => {
    const program = shapeOf(createProgram());
    for (const { path, options, parts } of [program, ...allOf(program)]) {
      const names = options.flatMap((option) => option.names);
      const offered = await complete(['volley', ...path, '-']);
      expect(offered.sort(), path.join(' ')).toEqual(names.sort());
      if (parts.length === 0) continue;
      const own = parts.map((part) => part.path.at(-1));
      expect((await complete(['volley', ...path, ''])).sort()).toEqual(own.sort());
    }
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  test.each(CASES)('%j', async (line, offered) => {
    const script = `${scripts['fish']}\ncomplete -C ${JSON.stringify(line)}`;
    const folder = await temporaryFolder();
    const { code, stdout } = await run('fish', ['--no-config', '-c', script], {
      env: { ...env, HOME: folder },
      cwd: folder,
    });
    expect(code).toBe(0);
    const words = stdout.split('\n').map((each) => each.split('\t')[0] ?? '');
    expect(words.filter((word) => word !== '').sort()).toEqual([...offered].sort());
  });
});

test.skipIf(!has('zsh'))(
  'zsh reads its script, and knows a function for each command',
  async () => {
    const program = shapeOf(createProgram());
    const functions = allOf(program).map(({ path }) => ['_volley', ...path].join('_'));
    const script = `compdef() {}\n${scripts['zsh']}\nwhence -w ${functions.join(' ')}`;
    const { code, stdout, stderr } = await run('zsh', ['-f', '-c', script], { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toEqual(functions.map((name) => `${name}: function`));
  },
);

/** Types into a zsh on a terminal of its own, and prints what its line looks like then. */
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='> '; autoload -U compinit; compinit -u -D; source ./$1; print REA''DY"
zpty -r shell seen '*READY*'
zpty -w -n shell "$2"$'\\t'
zpty -r shell seen "*$3*"
print -r -- "$seen"
zpty -d shell
`;

test.skipIf(!has('zsh')).each([
  ['volley sen', 'send'],
  ['volley send --format nd', 'ndjson'],
  ['volley audit --state rejected,unconf', 'rejected,unconfirmed'],
  ['volley replay spring --state rejected,expired,canc', 'rejected,expired,cancelled'],
])('zsh on a terminal: %s', async (typed, shown) => {
  const folder = await temporaryFolder();
  await writeAll(folder, { volley: scripts['zsh'] ?? '' });
  const args = ['-f', '-c', ZSH, 'zsh', 'volley', typed, shown];
  const { stdout } = await run('zsh', args, { env: { ...env, HOME: folder }, cwd: folder });
  expect(stdout).toContain(shown);
});

test('the scripts for zsh and fish name every option and every closed set', () => {
  for (const { path, options, parts } of allOf(shapeOf(createProgram()))) {
    const at = [...path, ...(parts.length > 0 ? [path.length] : [])].join(' ');
    for (const { names, value } of options) {
      const [long = ''] = names;
      const { kind = 'any', words = [] } = value ?? {};
      const values = words.join(' ');
      expect(scripts['zsh'], path.join(' ')).toContain(`${long}[`);
      expect(scripts['zsh']).toContain(kind === 'words' ? `(${values})` : values);
      expect(scripts['fish'], path.join(' ')).toContain(`'__volley_at ${at}' -l ${long.slice(2)}`);
      expect(scripts['fish']).toContain(kind === 'words' ? `'${values}'` : values);
    }
  }
});

test('an unknown shell is refused, and so is none', async () => {
  expect(await run(VOLLEY, ['completion', 'tcsh'], { env })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('<shell>: expected bash or zsh or fish, got "tcsh"'),
  });
  expect(await run(VOLLEY, ['completion'], { env })).toMatchObject({ code: 2, stdout: '' });
});
