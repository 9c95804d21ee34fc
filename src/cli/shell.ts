import { Command } from 'commander'
import { InputError } from '../errors.ts'
import { enterMachine } from '../lab/registry/enter.ts'
import { findMachine } from '../lab/registry/find-machine.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { interruptible } from '../run/interrupts.ts'

/** `shell`: a login shell, or one command, in a machine of a lab. */
export function shellCommand(): Command {
  return new Command('shell')
    .argument('<node>', 'name of the machine, e.g. recovery-compute-1 or recovery/compute-1')
    .argument('[command...]', 'command with its arguments (default: a login shell)')
    .option('--run <run>', 'run that the lab belongs to (default: the run of this project)')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Enters labs that a run keeps or is using, and labs that lab up started.
Without --run, only labs that were started in the current folder count.
Options go before the name of the machine.

Examples:
  $ dr-drill shell recovery/compute-1
  $ dr-drill shell recovery-compute-1 findmnt -t nfs,nfs4
  $ dr-drill shell recovery-compute-1 sh <look-around.sh
  $ dr-drill shell --run 20261122t201500-3f9a1c recovery/compute-1

Exit codes: those of the command, 2 no such machine or more than one,
3 machine not reachable, 130 interrupted.`,
    )
    .action(async (node: string, command: string[], { run }: { run?: string }) => {
      const [first] = command
      if (first === '--') command.shift()
      else if (first?.startsWith('-'))
        throw new InputError(`the option ${first} is after the name of the machine`, {
          remedy: `Put options before the name: shell ${first} … ${node}`,
        })
      const found = await findMachine(new Ledger(), node, run === undefined ? { project: process.cwd() } : { run })
      const { machine, record } = found
      process.stderr.write(`Entering ${machine.where} of run ${record.run} (${record.project ?? 'unknown folder'})\n`)
      using interruption = interruptible()
      process.exitCode = await enterMachine(found, command, interruption.signal)
    })
}
