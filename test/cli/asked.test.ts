/** The question of `send`, on a real terminal: also where standard input is the list. */
import { expect, test } from 'vitest';
import { run } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import { CTRL_C, CTRL_D, hasTerminals, onTerminal } from '../support/terminal.ts';
import { createScene, fileWith, HEADER, listOf, patiently, type Scene, VOLLEY } from './scene.ts';

const SEND = '--template promo --params name --campaign spring';
const QUESTION = 'Send it to 20 recipients? [y/N] ';

/** Each way to hand over a list on a terminal, where `$LIST` is its file. */
const WAYS = [
  ['a file', `"$VOLLEY" send "$LIST" ${SEND}`],
  ['a pipe', `cat "$LIST" | "$VOLLEY" send - ${SEND}`],
  ['a pipe by its path', `cat "$LIST" | "$VOLLEY" send /dev/stdin ${SEND}`],
  ['a file beside /dev/null', `"$VOLLEY" send "$LIST" ${SEND} </dev/null`],
  ['a file as standard input', `"$VOLLEY" send - ${SEND} <"$LIST"`],
  ['a pipe whose output is read', `cat "$LIST" | "$VOLLEY" send - ${SEND} --json | cat`],
] as const;

async function scene(): Promise<{ scene: Scene; env: NodeJS.ProcessEnv }> {
  const scene = await createScene();
  const list = await fileWith(HEADER + listOf(20));
  return { scene, env: { ...scene.env, VOLLEY, LIST: list, TERM: 'dumb' } };
}

async function isThere({ keys }: Scene): Promise<boolean> {
  return (await connect().exists(keys.campaign('spring').campaign)) === 1;
}

test.skipIf(!hasTerminals).each(WAYS)('%s: yes sends it', async (_way, command) => {
  const { scene: here, env } = await scene();
  const terminal = onTerminal(command, env);
  await terminal.shows(QUESTION);
  expect(await here.json('status', 'spring', '--json')).toMatchObject({ state: 'enqueuing' });
  terminal.type('y\n');
  expect(await terminal.ended).toMatchObject({ code: 0 });
  expect(await here.json('status', 'spring', '--json')).toMatchObject({ pending: 20 });
});

test.skipIf(!hasTerminals).each([
  ['no', 'n\n'],
  ['nothing', '\n'],
  ['the end', CTRL_D],
  ['Ctrl-C', CTRL_C],
])('%s leaves nothing of a list from a pipe', async (what, typed) => {
  const { scene: here, env } = await scene();
  const terminal = onTerminal(`cat "$LIST" | "$VOLLEY" send - ${SEND}`, env);
  await terminal.shows(QUESTION);
  terminal.type(typed);
  const { code, screen } = await terminal.ended;
  // The shell that was told to stop, too, ends by the signal.
  expect(code, screen).toBe(what === 'Ctrl-C' ? 130 : 1);
  if (what !== 'Ctrl-C') expect(screen).toContain('not sent: what had been laid was cleared');
  await expect.poll(() => isThere(here), patiently).toBe(false);
});

test.skipIf(!hasTerminals)('a list that is typed is asked about after its end', async () => {
  const { scene: here, env } = await scene();
  const terminal = onTerminal(`"$VOLLEY" send - ${SEND}`, env);
  await terminal.shows('Ctrl-D ends it');
  terminal.type(`${HEADER}${listOf(20)}${CTRL_D}`);
  await terminal.shows(QUESTION);
  terminal.type('yes\n');
  expect(await terminal.ended).toMatchObject({ code: 0 });
  expect(await here.json('status', 'spring', '--json')).toMatchObject({ pending: 20 });
});

test.skipIf(!hasTerminals)(
  'where nobody can be asked, --yes is demanded before all else',
  async () => {
    const { scene: here, env } = await scene();
    // A session of its own has no terminal, though its standard error is one.
    const alone = (more: string, list = '-') =>
      onTerminal(`cat "$LIST" | setsid -w "$VOLLEY" send ${list} ${SEND} ${more}`, env).ended;
    const refused = (what: string) => ({
      code: 2,
      screen: `volley: expected --yes, for a list ${what} leaves nobody to ask\r\n`,
    });
    expect(await alone('')).toEqual(refused('on standard input'));
    expect(await alone('', '/dev/stdin')).toEqual(refused('on standard input'));
    const other = {
      code: 2,
      screen:
        'volley: expected --yes, for standard input that is no terminal leaves nobody to ask\r\n',
    };
    expect(await alone('3<&0 </dev/null', '/dev/fd/3')).toEqual(other);
    expect(await alone('', '"$LIST"')).toEqual(other);
    expect(await isThere(here)).toBe(false);
    expect(await alone('--dry-run')).toMatchObject({ code: 0 });
    expect(await alone('--yes')).toMatchObject({ code: 0 });
    expect(await isThere(here)).toBe(true);
  },
);

test.skipIf(!hasTerminals)(
  'in a loop each list is asked about, and none is taken for an answer',
  async () => {
    const { scene: here, env } = await scene();
    const loop = `printf '%s\\n' one two | while read -r id; do "$VOLLEY" send "$LIST" --template "$id" --params name --campaign "$id"; done`;
    const terminal = onTerminal(loop, env);
    await terminal.shows(QUESTION);
    terminal.type('n\n');
    await terminal.shows('not sent: what had been laid was cleared');
    await terminal.shows('two');
    terminal.type('y\n');
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(await here.json('status', 'two', '--json')).toMatchObject({ pending: 20 });
    expect(await here.volley('status', 'one')).toMatchObject({ code: 2 });
  },
);

test('a script without a terminal is not asked', async () => {
  const { scene: here, env } = await scene();
  const command = `cat "$LIST" | "$VOLLEY" send - ${SEND} --json`;
  expect(await run('/bin/sh', ['-c', command], { env })).toMatchObject({ code: 0 });
  expect(await isThere(here)).toBe(true);
});
