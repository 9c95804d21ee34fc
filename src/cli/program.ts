import { Command, Option } from 'commander'
import { ownVersion } from '../project/package.ts'
import { workerLabHooks } from '../run/lab-hooks.ts'
import { assessCommand } from './assess.ts'
import { checkCommand } from './check.ts'
import { cleanCommand } from './clean.ts'
import { completeCommand } from './complete.ts'
import { completionCommand } from './completion.ts'
import { doctorCommand } from './doctor.ts'
import { evidenceCommand } from './evidence.ts'
import { handoverCommand } from './handover.ts'
import { historyCommand } from './history.ts'
import { hostsCommand } from './hosts.ts'
import { initCommand } from './init.ts'
import { labCommand } from './lab.ts'
import { planCommand } from './plan.ts'
import { preparedLabs } from './prepared-labs.ts'
import { recoverCommand } from './recover.ts'
import { reportCommand } from './report.ts'
import { runCommand } from './run.ts'
import { withSubcommands } from './run-program.ts'
import { setupCommand } from './setup.ts'
import { shellCommand } from './shell.ts'
import { targetCommand } from './target.ts'

const help = `
Each command has a --help of its own. In a checkout, run ./drill instead: it
installs what is missing first.

Examples:
  $ dr-drill assess /mnt/replica               show what can be restored
  $ dr-drill plan --inventory site.yaml        show what its hosts need
  $ dr-drill recover --inventory site.yaml     prepare these hosts
  $ dr-drill init drills                       create a project for drills
  $ dr-drill run                               run the drills of a project
  $ dr-drill run a.feature --keep-lab          keep the lab of a drill
  $ dr-drill shell recovery/compute-1          enter a machine of this lab
  $ dr-drill doctor                            check that drills can run here

Exit codes: 0 success, 1 failure, 2 wrong input, 3 unknown, 130 interrupted.`

/** Builds the whole command line. */
export function buildProgram(): Command {
  const program = new Command('dr-drill')
    .description('Disaster-recovery drills for Trilio for OpenStack backup targets.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .option('--debug', 'add a stack trace to errors (also: DR_DRILL_DEBUG=1)')
    .option('--no-color', 'print without colors (also: NO_COLOR=1)')
    .addHelpText('after', help)
    // Options after a command belong to the command: some have a --version of the product.
    .enablePositionalOptions()
  const groups: Readonly<Record<string, readonly Command[]>> = {
    'Backup targets and sites:': [
      assessCommand(),
      planCommand(),
      recoverCommand(),
      checkCommand(),
      handoverCommand(),
      hostsCommand(),
    ],
    'Drills:': [
      runCommand({ labs: preparedLabs, workerLabs: workerLabHooks }),
      reportCommand(),
      evidenceCommand(),
      historyCommand(),
      initCommand(),
      labCommand(),
      shellCommand(),
      targetCommand(),
    ],
    'Setup and help:': [doctorCommand(), setupCommand(), cleanCommand(), completionCommand()],
  }
  for (const [heading, commands] of Object.entries(groups)) {
    // The last group gets the command help as well.
    program.commandsGroup(heading)
    for (const command of commands) program.addCommand(command)
  }
  for (const command of withSubcommands(program))
    command
      .helpOption('-h, --help', 'print this help')
      .helpCommand('help [command]', 'print the help of a command')
      .configureHelp({ subcommandTerm: (subcommand) => subcommand.name() })
  program.addCommand(completeCommand(), { hidden: true })
  // Accepted before and after the command, but listed only in the help of the whole program.
  for (const command of withSubcommands(program).filter((one) => one !== program))
    for (const flag of ['--debug', '--no-color']) command.addOption(new Option(flag).hideHelp())
  return program
}
