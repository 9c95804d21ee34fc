import { Command, Option } from 'commander'
import { ownVersion } from '../project/package.ts'
import { type CommandEntry, commandGroups, completion } from './commands.ts'
import { withSubcommands } from './run-program.ts'

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

/**
 * Builds the command line of the program.
 *
 * @param words the words of a command line, if only the commands among them are needed; the others get no options
 */
export async function buildProgram(words?: readonly string[]): Promise<Command> {
  const program = new Command('dr-drill')
    .description('Disaster-recovery drills for Trilio for OpenStack backup targets.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .option('--debug', 'add a stack trace to errors (also: DR_DRILL_DEBUG=1)')
    .option('--no-color', 'print without colors (also: NO_COLOR=1)')
    .addHelpText('after', help)
    // Options after a command belong to the command: some have a --version of the product.
    .enablePositionalOptions()
  const commandOf = async ({ name, description, load }: CommandEntry) => {
    return (isNeeded(name, words) ? await load() : new Command(name)).description(description)
  }
  for (const [heading, entries] of Object.entries(commandGroups)) {
    // The last group gets the command help as well.
    program.commandsGroup(heading)
    for (const entry of entries) program.addCommand(await commandOf(entry))
  }
  for (const command of withSubcommands(program))
    command
      .helpOption('-h, --help', 'print this help')
      .helpCommand('help [command]', 'print the help of a command')
      .configureHelp({ subcommandTerm: (subcommand) => subcommand.name() })
  program.addCommand(await commandOf(completion), { hidden: true })
  // Accepted before and after the command, but listed only in the help of the whole program.
  for (const command of withSubcommands(program).filter((one) => one !== program))
    for (const flag of ['--debug', '--no-color']) command.addOption(new Option(flag).hideHelp())
  return program
}

/** True for the command of a command line. A word after it may be the name of another one: `evidence verify`. */
function isNeeded(name: string, words: readonly string[] | undefined): boolean {
  if (words === undefined) return true
  // Options before a command take no value.
  const first = words.find((word) => !word.startsWith('-'))
  return first === 'help' || first === completion.name ? words.includes(name) : first === name
}
