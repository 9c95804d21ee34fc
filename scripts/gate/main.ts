import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { runProgram } from '../../src/cli/run-program.ts'
import { DrillError } from '../../src/errors.ts'
import { setUp } from '../../src/setup/setup.ts'
import { partNames, runGate } from './gate.ts'
import { closingLine } from './tally.ts'

interface Flags {
  readonly unit?: true
  readonly fast?: true
  readonly full?: true
  readonly part?: readonly string[]
}

/** The parts that run on any machine. */
const unitParts = ['lint', 'types', 'dead-code', 'unit']

const help = `
Parts, in order: ${partNames.join(', ')}.

Examples:
  $ ./drill test                    everything, of the features those that every change has to pass
  $ ./drill test --unit             in a minute, on any machine
  $ ./drill test --fast             … of them only those for every few minutes
  $ ./drill test --full             all features, on both engines: hours
  $ ./drill test --part lint types  some parts

Exit codes: 0 all is well, 1 a check or a test has failed, 3 something could not be judged, 130 interrupted.`

/** `./drill test`: the project's own tests. */
function testProgram(): Command {
  return new Command('./drill test')
    .description("the project's own checks and tests (in a checkout)")
    .option('--unit', `only ${unitParts.join(', ')}: no container engine is needed`)
    .addOption(new Option('--fast', 'of the features only the scenarios with the tag @fast').conflicts('full'))
    .option('--full', 'all features, not only those with the tags @fast and @gate')
    .addOption(new Option('--part <name...>', 'only these parts').choices(partNames))
    .option('--debug', 'add a stack trace to errors')
    .addHelpText('after', help)
    .action(async ({ unit, fast, full, part }: Flags) => {
      const say = (line: string) => void process.stdout.write(`${line}\n`)
      const interruption = new AbortController()
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.once(name, () =>
          interruption.abort(new DrillError('interrupted', 'interrupted', `interrupted by ${name}`)),
        )
      const tally = await runGate({
        root: fileURLToPath(new URL('../..', import.meta.url)),
        chosen: part ?? (unit === true ? unitParts : partNames),
        tags: full === true ? undefined : fast === true ? '@fast' : '@fast or @gate',
        signal: interruption.signal,
        say,
        prepare: (purpose) => setUp(purpose, say, interruption.signal),
      })
      say(closingLine(tally))
      process.exitCode = tally.exitCode
    })
}

await runProgram(testProgram())
