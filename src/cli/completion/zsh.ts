/** The completion for zsh, as a file of `fpath` or to be sourced. It calls nothing. */
import { allOf, type CommandShape, type OptionShape, type Place } from './shape.ts';

export function zshScript(program: CommandShape): string {
  const functions = [program, ...allOf(program)].map(functionOf);
  return `#compdef volley
# volley completion zsh: made by volley
${functions.join('\n')}
if [ "$funcstack[1]" = _volley ]; then _volley "$@"; else compdef _volley volley; fi
`;
}

function functionOf(command: CommandShape): string {
  return command.parts.length > 0 ? groupFunction(command) : leafFunction(command);
}

function groupFunction(command: CommandShape): string {
  const options = command.options.map(optionSpec);
  const parts = command.parts.map(
    ({ path, about }) => `    ${quoted(`${path.at(-1)}:${escaped(about)}`)}`,
  );
  const ways = command.parts.map((part) => `        ${part.path.at(-1)}) ${nameOf(part)} ;;`);
  return `${nameOf(command)}() {
  local context state state_descr line
  typeset -A opt_args
  local -a parts=(
${parts.join('\n')}
  )
  _arguments -C ${[...options, "'1: :->part'", "'*:: :->rest'"].join(' ')}
  case $state in
    part) _describe -t commands command parts ;;
    rest)
      case $line[1] in
${ways.join('\n')}
      esac
      ;;
  esac
}`;
}

function leafFunction(command: CommandShape): string {
  const { argument } = command;
  const specs = command.options.map(optionSpec);
  if (argument) specs.push(quoted(`*:${escaped(argument.name)}:${actionOf(argument)}`));
  return `${nameOf(command)}() {
  _arguments -S \\
    ${specs.join(' \\\n    ')}
}`;
}

const nameOf = ({ path }: CommandShape) => ['_volley', ...path].join('_');

function optionSpec({ names, about, isRepeatable, value }: OptionShape): string {
  const end = `[${escaped(about)}]${value ? `:${escaped(value.name)}:${actionOf(value)}` : ''}`;
  const before = isRepeatable ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  return names.map((name) => quoted(`${before}${name}${end}`)).join(' ');
}

function actionOf({ kind, words, name }: Place): string {
  // Begins with a blank: else zsh would put options of its own behind the first word.
  if (kind === 'list') return ` _values -s , ${name} ${words.join(' ')}`;
  if (kind === 'words') return `(${words.join(' ')})`;
  return { file: '_files', folder: '_files -/', any: ' ' }[kind];
}

const escaped = (text: string) => text.replace(/[\\[\]:]/g, '\\$&');

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
