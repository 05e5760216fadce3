/** `volley completion SHELL`: prints what makes a shell complete volley's commands, options and their values. */
import { Command } from 'commander';
import { oneOf } from '../arguments/option-values.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const HELP = `
Examples:
  volley completion bash

It is made from the commands of this very volley: print it again after an
upgrade, or have the shell ask for it at each start, as below.

bash, in ~/.bashrc:
  source <(volley completion bash)
zsh, in ~/.zshrc, after compinit:
  source <(volley completion zsh)
  or as a file:  volley completion zsh > "\${fpath[1]}/_volley"
fish:
  volley completion fish > ~/.config/fish/completions/volley.fish`;

export function completionCommand(): Command {
  return new Command('completion')
    .description('print what makes a shell complete commands, options and values')
    .argument('<shell>', SHELLS.join(', '), oneOf('<shell>', SHELLS))
    .addHelpText('after', HELP)
    .action(run);
}

async function run(shell: (typeof SHELLS)[number], _none: object, own: Command): Promise<void> {
  const { shapeOf } = await import('../completion/shape.ts');
  const program = shapeOf(own.parent ?? own);
  switch (shell) {
    case 'bash':
      return print((await import('../completion/bash.ts')).bashScript(program));
    case 'zsh':
      return print((await import('../completion/zsh.ts')).zshScript(program));
    case 'fish':
      return print((await import('../completion/fish.ts')).fishScript(program));
  }
}

function print(script: string): void {
  process.stdout.write(script);
}
