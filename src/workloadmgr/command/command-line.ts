import { Command, CommanderError, Option } from 'commander'
import { DrillError } from '../../errors.ts'
import { printableLines } from '../../text/printable.ts'
import { backupCommands } from './backup-commands.ts'
import { importCommands } from './import-commands.ts'
import { jobCommands } from './job-commands.ts'
import { reassignCommand } from './reassign-command.ts'
import { restoreCommands } from './restore-commands.ts'
import { restoringCommands } from './restoring-commands.ts'
import { snapshotCommands } from './snapshot-commands.ts'
import { targetCommands } from './target-commands.ts'
import { trustCommands } from './trust-commands.ts'
import { workloadCommands } from './workload-commands.ts'

const help = `
This is a simulation of the product's workload manager. It does what public
sources describe, over the records on the backup targets of this site. Where
these sources leave something open, the help has the word "assumption".

The person who asks is the user of the environment: OS_USERNAME,
OS_PROJECT_NAME, OS_USER_DOMAIN_NAME, OS_PROJECT_DOMAIN_NAME, OS_CLOUD. Without
them it is the administrator. Passwords are not checked (assumption: a lab has
none).

Examples:
  $ . /root/openrc-alice-web-shop; workloadmgr workload-list
  $ workloadmgr workload-list --all True -f json
  $ workloadmgr --os-username alice --os-project-name web-shop workload-list
  $ workloadmgr workload-show ID -f value -c status

Exit codes: 0 success, 1 error, 2 wrong command line.`

/** Commands that the product does not have: the process of a job, and what drills read. */
const hiddenCommands: ReadonlySet<string> = new Set(['job-worker', 'restore-evidence'])

/** Runs a command line of the workload manager. Returns its exit code: 1 for an error, 2 for a wrong command line. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    await buildCommandLine().parseAsync(argv)
    // Commands that print what has failed set it.
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${describe(error)}\n`)
    return 1
  }
}

/** Builds the command line with all commands. */
export function buildCommandLine(): Command {
  const program = new Command('workloadmgr')
    .description("Simulated workload manager: the backups of a lab's site.")
    .addOption(new Option('--os-cloud <name>', 'name of the cloud').env('OS_CLOUD'))
    .addOption(new Option('--os-username <name>', 'name of the user').env('OS_USERNAME'))
    .addOption(new Option('--os-project-name <name>', 'name of the project').env('OS_PROJECT_NAME'))
    .addOption(new Option('--os-user-domain-name <name>', 'domain of the user').env('OS_USER_DOMAIN_NAME'))
    .addOption(new Option('--os-project-domain-name <name>', 'domain of the project').env('OS_PROJECT_DOMAIN_NAME'))
    .addHelpText('after', help)
  const groups: Readonly<Record<string, readonly Command[]>> = {
    'Workloads:': workloadCommands(),
    'Import and reassignment:': [...importCommands(), reassignCommand()],
    'Snapshots:': [...snapshotCommands(), ...backupCommands()],
    'Restores:': [...restoreCommands(), ...restoringCommands()],
    'Backup targets:': targetCommands(),
    'Trusts and license:': trustCommands(),
    'Jobs:': jobCommands(),
  }
  for (const [heading, commands] of Object.entries(groups)) {
    program.commandsGroup(heading)
    for (const command of commands) program.addCommand(command, { hidden: hiddenCommands.has(command.name()) })
  }
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .helpOption('-h, --help', 'print this help')
      .helpCommand(false)
      .configureHelp({ subcommandTerm: (subcommand) => subcommand.name() })
  return program
}

function describe(error: unknown): string {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  if (!(error instanceof DrillError)) return printableLines(stack ?? message)
  return printableLines(error.remedy === undefined ? message : `${message}\n  ${error.remedy}`)
}
