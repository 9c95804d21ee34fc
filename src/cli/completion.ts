import { join } from 'node:path'
import { script } from '@bomb.sh/tab'
import { Argument, Command } from 'commander'
import { invocation } from '../localhost/invocation.ts'
import { quoteWord } from '../shell/quote.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** `completion`: completion of commands, options and values by the user's shell. */
export function completionCommand(): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'shell that loads the script').choices(shells))
    .addHelpText(
      'after',
      `
Completes commands, options, their values, files, the machines of running labs
and the ids of runs. Bash needs the package bash-completion.

Examples:
  $ eval "$(dr-drill completion bash)"      in ~/.bashrc
  $ eval "$(dr-drill completion zsh)"       in ~/.zshrc, after compinit
  $ dr-drill completion fish | source       in ~/.config/fish/config.fish
  $ eval "$(./drill completion bash)"       for ./drill in a checkout

Exit codes: 0 script printed, 2 wrong input.`,
    )
    .action((shell: (typeof shells)[number]) => {
      const [name, program] = programHere()
      if (shell !== 'bash') script(shell, name, program)
      else printBashScript(name, program)
    })
}

/** Returns the name that the user types, without a folder, and the command that runs it from any folder. */
function programHere(): readonly [name: string, program: string] {
  if (invocation !== './drill') return ['dr-drill', 'dr-drill']
  return ['drill', quoteWord(join(import.meta.dirname, '../../drill'))]
}

/** The script cannot be loaded twice, because it defines constants. It never completes files by itself. */
function printBashScript(name: string, program: string): void {
  const action = `__${name.replaceAll('-', '_')}_complete`
  console.log(`if ! declare -F ${action} >/dev/null; then`)
  script('bash', name, program)
  console.log(`fi\ncomplete -o default -F ${action} ${name}`)
}
