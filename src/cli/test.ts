import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { DrillError } from '../errors.ts'
import { partNames, runGate } from '../gate/gate.ts'
import { closingLine } from '../gate/tally.ts'
import { setUp } from '../setup/setup.ts'

interface Flags {
  readonly unit?: true
  readonly fast?: true
  readonly part?: readonly string[]
}

/** The parts that run on any machine. */
const unitParts = ['lint', 'types', 'dead-code', 'unit']

/** `test`: the project's own tests, in a checkout. */
export function testCommand(): Command {
  return new Command('test')
    .description("the project's own checks and tests (in a checkout)")
    .option('--unit', `only ${unitParts.join(', ')}: no container engine is needed`)
    .option('--fast', 'of the features only the scenarios with the tag @fast')
    .addOption(new Option('--part <name...>', 'only these parts').choices(partNames))
    .addHelpText('after', `\nParts, in order: ${partNames.join(', ')}.`)
    .action(async ({ unit, fast, part }: Flags) => {
      const say = (line: string) => void process.stdout.write(`${line}\n`)
      const interruption = new AbortController()
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.once(name, () =>
          interruption.abort(new DrillError('interrupted', 'interrupted', `interrupted by ${name}`)),
        )
      const tally = await runGate({
        root: fileURLToPath(new URL('../..', import.meta.url)),
        chosen: part ?? (unit === true ? unitParts : partNames),
        isFast: fast === true,
        signal: interruption.signal,
        say,
        prepare: (purpose) => setUp(purpose, say, interruption.signal),
      })
      say(closingLine(tally))
      process.exitCode = tally.exitCode
    })
}
