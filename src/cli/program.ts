import { Command, Option } from 'commander'
import { ownVersion } from '../project/package.ts'
import { workerLabHooks } from '../run/lab-hooks.ts'
import { assessCommand } from './assess.ts'
import { checkCommand } from './check.ts'
import { cleanCommand } from './clean.ts'
import { completeCommand } from './complete.ts'
import { completionCommand } from './completion.ts'
import { doctorCommand } from './doctor.ts'
import { hostsCommand } from './hosts.ts'
import { initCommand } from './init.ts'
import { labCommand } from './lab.ts'
import { planCommand } from './plan.ts'
import { preparedLabs } from './prepared-labs.ts'
import { recoverCommand } from './recover.ts'
import { runCommand } from './run.ts'
import { withSubcommands } from './run-program.ts'
import { setupCommand } from './setup.ts'
import { shellCommand } from './shell.ts'
import { targetCommand } from './target.ts'

const help = `
Examples:
  $ dr-drill run                                        drill what features/ describes
  $ dr-drill run features/procedure --keep-lab          … and look around in the lab afterwards
  $ dr-drill init drills                                a small project of your own
  $ dr-drill shell recovery/compute-1                   enter a machine of that lab
  $ dr-drill lab up fixtures/topologies/two-sites.yaml  a lab to try things in, with ssh and Ansible
  $ dr-drill target create /tmp/target --workloads 20   a backup target to try things on
  $ dr-drill assess /mnt/replica                        what is restorable from it, and what does it take?
  $ dr-drill plan --inventory site.yaml                 what do its hosts need before restores work?
  $ dr-drill doctor                                     does this machine have what a drill needs?

In a checkout it is ./drill, which installs what is missing first.

Exit codes: 0 as specified, 1 a failure was found, 2 wrong input, 3 it could not be judged, 130 interrupted.`

/** The whole command line, with every command in it. */
export function buildProgram(): Command {
  const program = new Command('dr-drill')
    .description('Disaster-recovery drills for Trilio for OpenStack backup targets.')
    .version(ownVersion())
    .option('--debug', 'add a stack trace to errors (also: DR_DRILL_DEBUG=1)')
    .option('--no-color', 'print without colors (also: NO_COLOR=1)')
    .addHelpText('after', help)
    // What comes after a command is the command's: some have a --version of the product.
    .enablePositionalOptions()
  const commands = [
    runCommand({ labs: preparedLabs, workerLabs: workerLabHooks }),
    initCommand(),
    setupCommand(),
    doctorCommand(),
    shellCommand(),
    labCommand(),
    hostsCommand(),
    cleanCommand(),
    targetCommand(),
    assessCommand(),
    planCommand(),
    checkCommand(),
    recoverCommand(),
    completionCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  program.addCommand(completeCommand(), { hidden: true })
  // Accepted before and after the command, but listed only in the help of the whole program.
  for (const command of commands.flatMap(withSubcommands))
    for (const flag of ['--debug', '--no-color']) command.addOption(new Option(flag).hideHelp())
  return program
}
