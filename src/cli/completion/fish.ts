/** The completion for fish. It calls nothing. */
import { allOf, type CommandShape, type OptionShape, type Place } from './shape.ts';

export function fishScript(program: CommandShape): string {
  const lines = [program, ...allOf(program)].flatMap((command) => [
    ...command.parts.map(
      (part) => `${begin(command)} -a ${part.path.at(-1)} -d ${quoted(part.about)}`,
    ),
    ...command.options.map((option) => optionLine(command, option)),
    ...argumentLines(command),
  ]);
  return `# volley completion fish: made by volley
function __volley_at
    set -l path
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or set -a path $word
    end
    # with a number last: so many words, and no more
    if string match -qr '^[0-9]$' -- $argv[-1]
        test (count $path) -eq $argv[-1]; or return 1
        set -e argv[-1]
    end
    for at in (seq (count $argv))
        test "$path[$at]" = "$argv[$at]"; or return 1
    end
end
function __volley_list
    set -l given (commandline -ct | string replace -r '^--[^=]*=' '')
    set -l before (string match -r '^.*,' -- $given)
    for word in $argv
        echo "$before$word"
    end
end
complete -c volley -f
${lines.join('\n')}
`;
}

/** Of a group its own words alone, not those of its parts. */
function begin({ path, parts }: CommandShape): string {
  const words = parts.length > 0 ? [...path, path.length] : path;
  return `complete -c volley -n '__volley_at ${words.join(' ')}'`;
}

function optionLine(command: CommandShape, { names, about, value }: OptionShape): string {
  const flags = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const takes = value ? ` -r ${takenBy(value)}` : '';
  return `${begin(command)} ${flags.join(' ')}${takes} -d ${quoted(about)}`;
}

function argumentLines(command: CommandShape): string[] {
  const { argument } = command;
  if (argument === undefined || argument.kind === 'any') return [];
  return [`${begin(command)} ${takenBy(argument)}`];
}

function takenBy({ kind, words }: Place): string {
  if (kind === 'file') return '-F';
  if (kind === 'folder') return "-f -a '(__fish_complete_directories)'";
  if (kind === 'list') return `-f -a ${quoted(`(__volley_list ${words.join(' ')})`)}`;
  return kind === 'words' ? `-f -a ${quoted(words.join(' '))}` : '-f';
}

/** Within single quotes fish knows two escapes. */
const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
