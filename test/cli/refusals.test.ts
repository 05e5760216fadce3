import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/failure.ts';
import { createProgram } from '../../src/cli/program.ts';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { createScene, HEADER, listOf, VOLLEY } from './scene.ts';

const good = ['list.csv', '--template', 'promo', '--params', 'name'];

describe('volley send refuses', () => {
  const WRONG: [string, string[], string][] = [
    ['no file', ['none.csv', ...good.slice(1)], 'none.csv: no such file'],
    ['a directory', ['.', ...good.slice(1)], 'expected a file, got a directory'],
    ['an empty file', ['empty.csv', ...good.slice(1)], 'empty.csv: the list is empty'],
    ['a header alone', ['header.csv', ...good.slice(1)], 'header.csv: expected rows, got none'],
    ['further columns', good.slice(0, 3), 'Add --params name (or those to send)'],
    ['a column that is not there', [...good.slice(0, 4), 'nme'], 'expected a column for the param'],
    ['a bad id', [...good, '--campaign', 'No!'], 'campaign: expected 1 to 64 of a-z'],
    ['the reserved id', [...good, '--campaign', 'notifications'], 'notifications is reserved'],
    ['input without an id', ['-', ...good.slice(1)], 'give --campaign ID'],
    ['an unknown country', [...good, '--country', 'XX'], 'country: expected an ISO 3166 code'],
    ['a past time', [...good, '--start-at', '2020-01-01T00:00Z'], 'expected a time ahead'],
    ['a far time', [...good, '--at', '2099-01-01T00:00:00Z'], 'at most 30 days ahead'],
    ['rejects in a folder', [...good, '--rejects', '.'], '--rejects: expected a file'],
    ['rejects over the list', [...good, '--rejects', './list.csv'], 'another file than the list'],
  ];
  test.for(WRONG)('%s', async ([, args, message]) => {
    const { env } = await createScene();
    const folder = await temporaryFolder();
    const files = { 'list.csv': HEADER + listOf(3), 'empty.csv': '', 'header.csv': HEADER };
    await writeAll(folder, files);
    const ended = await run(VOLLEY, ['send', ...args], { env, cwd: folder });
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(ended.stderr).toMatch(/^volley: /);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    // Nothing is half done: the list is as it was, and nothing lies beside it.
    expect((await readdir(folder)).sort()).toEqual(Object.keys(files).sort());
    expect(await readFile(join(folder, 'list.csv'), 'utf8')).toBe(files['list.csv']);
  });
});

describe('volley send refuses, before it does anything,', () => {
  const WRONG: [string, string[], string][] = [
    ['no template', ['list.csv'], "required option '--template <id>' not specified"],
    ['an unknown option', [...good, '--tempo'], "unknown option '--tempo'"],
    ['a batch of none', [...good, '--batch-size', '0'], '--batch-size: expected a whole number'],
    ['an unclear share', [...good, '--max-invalid', '10'], 'expected a share such as 10% or 0.1'],
    ['an unknown format', [...good, '--format', 'xml'], '--format: expected csv or ndjson'],
    ['an unknown policy', [...good, '--on-unconfirmed', 'x'], 'expected park or resend, got "x"'],
    ['a param of no name', [...good, '--param', '=x'], '--param: expected NAME=VALUE, got "=x"'],
    ['a param twice', [...good, '--param', 'a=1', '--param', 'a=2'], '--param: expected each name'],
    ['a local time', [...good, '--at', '2030-01-01T09:00:00'], '--at: expected a time with an off'],
  ];
  test.for(WRONG)('%s', async ([, args, message]) => {
    let told = '';
    const program = createProgram();
    for (const command of program.commands) {
      command.configureOutput({
        writeErr: (text) => {
          told += text;
        },
      });
    }
    const error = await program.parseAsync(['send', ...args], { from: 'user' }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(exitCodeOf(error)).toBe(2);
    expect(`${told}${error}`).toContain(message);
  });
});
