import { Command } from 'commander'
import { InputError } from '../errors.ts'
import { enterMachine } from '../lab/registry/enter.ts'
import { Ledger } from '../lab/registry/ledger.ts'

/** `dr-drill shell NODE`: a shell, or one command, in a machine of a lab that runs or was kept. */
export function shellCommand(): Command {
  return new Command('shell')
    .description('enter a machine of a lab that was kept, or of a run that is under way')
    .argument('<node>', 'its name, e.g. recovery-compute-1 or recovery/compute-1')
    .argument('[command...]', 'run this instead of a login shell, with all that follows')
    .option('--run <run>', 'of this run; needed where several have such a machine; before the name')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ dr-drill shell recovery/compute-1
  $ dr-drill shell recovery-compute-1 findmnt -t nfs,nfs4
  $ dr-drill shell recovery-compute-1 sh <look-around.sh

Exit codes: those of the command; 2 no such machine, or several, 3 it cannot be entered.`,
    )
    .action(async (node: string, command: string[], options: { run?: string }) => {
      const [first] = command
      if (first === '--') command.shift()
      else if (first?.startsWith('-')) throw new InputError(`${first} stands before the name: shell ${first} … ${node}`)
      process.exitCode = await enterMachine(new Ledger(), node, command, options.run)
    })
}
