import { Command } from 'commander'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { setUp } from '../setup/setup.ts'
import { engineHere, engineOption } from './engine-option.ts'

/** `setup`: makes this machine ready for labs. */
export function setupCommand(): Command {
  return new Command('setup')
    .description('get this machine ready for drills: an engine for labs, and the guest image')
    .addOption(engineOption())
    .addHelpText(
      'after',
      `
It says what it is about to install before it does, installs only as root on Debian and Ubuntu, and shows the
command everywhere else (exit code 3). A container engine is installed only for --engine container. Without --engine it
is as the project's configuration says. run and test do the same by themselves; what is done is not done again.

Examples:
  $ dr-drill setup                      what this machine can do best
  $ dr-drill setup --engine embedded    labs that need no container engine
  $ dr-drill setup --engine container   as root it also installs and starts a container engine

Exit codes: 0 it is ready, 2 wrong input, 3 something is missing that it may not or cannot install.`,
    )
    .action(async ({ engine }: { engine?: EngineChoice }) => {
      const say = (line: string) => void process.stdout.write(`${line}\n`)
      await setUp(await chooseEngine(engineHere(engine), say), say)
    })
}
