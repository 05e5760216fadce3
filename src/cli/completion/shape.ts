/**
 * What there is to complete, read from the program itself, so that no script can be older than the commands: their
 * names, options, and what may stand behind an option. Nothing of any shell.
 */
import type { Argument, Command, Option } from 'commander';
import { takesList, wordsOf } from '../arguments/option-values.ts';

/** What may stand in a place: a file, a folder, one of some words, several with commas between, or whatever its user wants. */
export interface Place {
  readonly kind: 'file' | 'folder' | 'words' | 'list' | 'any';
  readonly words: readonly string[];
  /** What `--help` calls it. */
  readonly name: string;
}

export interface OptionShape {
  /** `--format`, and `-h` where there is one. */
  readonly names: readonly string[];
  readonly about: string;
  readonly isRepeatable: boolean;
  /** Undefined for one that takes no value. */
  readonly value: Place | undefined;
}

export interface CommandShape {
  /** `['suppress', 'import']` */
  readonly path: readonly string[];
  readonly about: string;
  readonly options: readonly OptionShape[];
  /** What may stand where no option does; undefined where nothing may. */
  readonly argument: Place | undefined;
  readonly parts: readonly CommandShape[];
}

/** @param path the names that lead to the command, none for the program */
export function shapeOf(command: Command, path: readonly string[] = []): CommandShape {
  const parts = command.commands.map((part) => shapeOf(part, [...path, part.name()]));
  const [argument] = command.registeredArguments;
  const help = command.createHelp();
  return {
    path,
    about: command.description(),
    options: help.visibleOptions(command).map(optionShape),
    argument: argument && placeOf(argument, argument.name()),
    parts: path.length === 0 ? [...parts, helpShape(parts)] : parts,
  };
}

/** Every command that is called by a name, those within others too. */
export function allOf(shape: CommandShape): CommandShape[] {
  return shape.parts.flatMap((part) => [part, ...allOf(part)]);
}

/** `volley help send` is commander's own, and no command among the others. */
function helpShape(parts: readonly CommandShape[]): CommandShape {
  const words = parts.map(({ path }) => path.at(-1) ?? '');
  const argument: Place = { kind: 'words', words, name: 'command' };
  return { path: ['help'], about: 'print the help of a command', options: [], argument, parts: [] };
}

function optionShape(option: Option): OptionShape {
  const takesValue = option.required || option.optional;
  const name = /[<[]([^>\]]+)/.exec(option.flags)?.[1] ?? 'value';
  return {
    names: [option.long, option.short].filter((each) => each !== undefined),
    about: option.description,
    isRepeatable: option.description.includes('(repeatable)'),
    value: takesValue ? placeOf(option, name) : undefined,
  };
}

function placeOf(taker: Option | Argument, name: string): Place {
  const words = wordsOf(taker.parseArg);
  if (words.length > 0) return { kind: takesList(taker.parseArg) ? 'list' : 'words', words, name };
  const kind = name === 'file' || name === 'folder' ? name : 'any';
  return { kind, words, name };
}
