import { Command } from 'commander'
import { interruptible } from '../run/interrupts.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { setUp } from '../setup/setup.ts'
import { engineHere, engineOption } from './engine-option.ts'

/** `setup`: prepares this machine for labs. */
export function setupCommand(): Command {
  return new Command('setup')
    .addOption(engineOption())
    .addHelpText(
      'after',
      `
Prints each change before making it. Packages are installed only as root, on
Debian and Ubuntu; elsewhere, the command is printed. A container engine is
installed only for --engine container. The default engine is that of the
project's configuration. run does the same setup before its first lab.

Examples:
  $ dr-drill setup                      the default engine
  $ dr-drill setup --engine embedded    labs without a container engine
  $ dr-drill setup --engine container   as root, installs a container engine

A package manager that is running is not interrupted: setup waits for its end.

Exit codes: 0 machine ready, 2 wrong input, 3 requirement not met,
130 interrupted.`,
    )
    .action(async ({ engine }: { engine?: EngineChoice }) => {
      const print = (line: string) => void process.stdout.write(`${line}\n`)
      const chosen = await chooseEngine(engineHere(engine), print)
      using interruption = interruptible()
      await setUp(chosen, print, interruption.signal)
    })
}
