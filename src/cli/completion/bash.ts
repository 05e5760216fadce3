/** The completion for bash 3.2 and newer, as one function. It needs no package beside bash, and calls nothing. */
import { allOf, type CommandShape, type Place } from './shape.ts';

export function bashScript(program: CommandShape): string {
  const groups = program.parts.filter(({ parts }) => parts.length > 0);
  return `# volley completion bash: made by volley, for bash 3.2 and newer
_volley() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' at word
  # --format=csv comes as three words
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    [[ $word == -* ]] && continue
    if [[ -z $command ]]; then command=$word; else command="$command $word"; fi
    case $command in ${groups.map(nameOf).join(' | ') || "''"}) ;; *) break ;; esac
  done
  local values='' options='' words='' kind=any last=\${cur##*,}
  case "$command $prev" in
${valueCases(program)}
    *) kind='' ;;
  esac
  case $command in
${commandCases(program)}
  esac
  COMPREPLY=()
  if [[ -z $kind && $cur == -* ]]; then
    kind=words values=$options
  elif [[ -z $kind ]]; then
    case $words in
      :file) kind=file ;;
      :folder) kind=folder ;;
      '') kind=words values=$options ;;
      *) kind=words values=$words ;;
    esac
  fi
  case $kind in
    words) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$values" -- "$cur") ;;
    # what stands before the last comma stays
    list) while IFS= read -r word; do COMPREPLY+=("\${cur%"$last"}$word"); done < <(compgen -W "$values" -- "$last") ;;
    file) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur") ;;
    folder) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$cur") ;;
  esac
  # a name with spaces is quoted, and a folder goes on; bash 3.2 cannot be told
  if [[ $kind == file || $kind == folder ]]; then compopt -o filenames 2>/dev/null; fi
  return 0
}
complete -F _volley volley
`;
}

const nameOf = ({ path }: CommandShape) => quoted(path.join(' '));

function valueCases(program: CommandShape): string {
  const lines: string[] = [];
  for (const command of allOf(program)) {
    for (const { names, value } of command.options) {
      if (value === undefined) continue;
      const cases = names.map((name) => quoted([...command.path, name].join(' '))).join(' | ');
      lines.push(
        `    ${cases}) kind=${value.kind}${value.words.length > 0 ? ` values=${listed(value.words)}` : ''} ;;`,
      );
    }
  }
  return lines.join('\n');
}

function commandCases(program: CommandShape): string {
  return [program, ...allOf(program)]
    .map((command) => {
      const options = command.options.flatMap(({ names }) => names);
      const parts = command.parts.map(({ path }) => path.at(-1) ?? '');
      const words = parts.length > 0 ? listed(parts) : argumentOf(command.argument);
      return `    ${nameOf(command)}) options=${listed(options)} words=${words} ;;`;
    })
    .join('\n');
}

function argumentOf(argument: Place | undefined): string {
  if (argument === undefined || argument.kind === 'any') return "''";
  return argument.kind === 'words' ? listed(argument.words) : quoted(`:${argument.kind}`);
}

const listed = (words: readonly string[]) => quoted(words.join(' '));

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
