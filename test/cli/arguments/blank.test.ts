/** What a shell makes of a variable that nobody set is refused by whatever takes a value. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { EMPTY_MEANS } from '../../../src/cli/arguments/blank.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { run } from '../../support/programs.ts';
import { searchPath } from '../../support/redis.ts';
import { fileWith, VOLLEY } from '../scene.ts';

const BLANKS = ['', ' ', '\t', '\u00a0'];
/** A value of each positional argument that is wanted before an option is looked at. */
const WANTED = 'x';

/** Every command that does something, with the words that call it. */
function* leaves(command: Command, path: string[] = []): Generator<[string[], Command]> {
  for (const part of command.commands) yield* leaves(part, [...path, part.name()]);
  if (path.length > 0 && command.commands.length === 0) yield [path, command];
}

const commands = [...leaves(createProgram())];

/** What it is refused with; no command does anything before all its values are read. */
async function refusal(args: readonly string[]): Promise<unknown> {
  const program = createProgram().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  try {
    await program.parseAsync(['node', 'volley', ...args]);
  } catch (error) {
    return error;
  }
  throw new Error(`not refused: ${args.join(' ')}`);
}

/** Each option that takes a value, with the whole command but that value. */
const OPTIONS = commands.flatMap(([path, command]) => {
  const given = command.registeredArguments.filter((each) => each.required).map(() => WANTED);
  return command.options
    .filter((option) => option.required || option.optional)
    .map((option) => `${option.long}`)
    .filter((option) => !EMPTY_MEANS.has(`${path.join(' ')} ${option}`))
    .map((option) => ({ name: `${path.join(' ')} ${option}`, args: [...path, ...given, option] }));
});

/** The same of each positional argument. */
const ARGUMENTS = commands.flatMap(([path, command]) => {
  const needed = command.options.filter((option) => option.mandatory);
  const values = needed.flatMap((option) => [`${option.long}`, WANTED]);
  return command.registeredArguments.map((argument, at) => ({
    name: `${path.join(' ')} <${argument.name()}>`,
    args: [...path, ...values, '--', ...Array(at).fill(WANTED)],
  }));
});

test.each([...OPTIONS, ...ARGUMENTS])('volley $name is no blank', async ({ name, args }) => {
  const [where = ''] = name.split(' ').slice(-1);
  for (const blank of BLANKS) {
    const error = await refusal([...args, blank]);
    expect(error).toMatchObject({ code: 'bad_input' });
    const said = expect.stringMatching(/: expected .*, got "[^"]*"$/s);
    expect(error).toMatchObject({ message: said });
    expect(String(error)).toContain(where.replace(/[<>]/g, ''));
  }
});

test('what an empty value means is known of options that are there, and of no other', () => {
  const all = commands.flatMap(([path, { options }]) =>
    options.map((option) => `${path.join(' ')} ${option.long}`),
  );
  expect([...EMPTY_MEANS.keys()].filter((each) => !all.includes(each))).toEqual([]);
});

const SEND = ['send', 'list.csv', '--template', 'promo'];
const EMPTY_PAIRS = [
  [[...SEND, '--param', 'code='], '--param: expected a value for "code" (an empty one would'],
  [[...SEND, '--param', 'a=1', '--param', 'code= '], '--param: expected a value for "code"'],
  [[...SEND, '--fallback', 'name='], '--fallback: expected a value for "name"'],
  [[...SEND, '--column', 'name='], '--column: expected NAME=VALUE, got "name="'],
  [[...SEND, '--dry-run', '--param', 'code='], '--allow-empty allows it'],
  [['notify', '--to', '+6591234567', '--template', 'otp', '--param', 'code='], '"code"'],
  [['replay', 'done', '--param', 'code=', '--yes'], '--param: expected a value for "code"'],
] as const;

test.each(EMPTY_PAIRS)('%j is refused before Redis is asked', async (args, words) => {
  const env = { PATH: searchPath, REDIS_URL: 'redis://127.0.0.1:1' };
  const { code, stdout, stderr } = await run(VOLLEY, args, { env });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
});

test('an empty param that is meant, and an empty custom arg, are taken', async () => {
  const env = { PATH: searchPath, REDIS_URL: 'redis://127.0.0.1:1' };
  const list = await fileWith('phone\n+6591234567\n');
  const more = ['--param', 'code=', '--allow-empty', '--custom-arg', 'source=', '--json'];
  const args = ['send', list, '--dry-run', '--template', 'promo', '--params', '', ...more];
  const { code, stdout, stderr } = await run(VOLLEY, args, { env });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(JSON.parse(stdout)).toMatchObject({ recipients: 1, params: ['code'], problem: null });
});
