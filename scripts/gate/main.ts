import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { runProgram } from '../../src/cli/run-program.ts'
import { interruptible } from '../../src/run/interrupts.ts'
import { setUp } from '../../src/setup/setup.ts'
import { partNames, runGate } from './gate.ts'
import { closingLine } from './tally.ts'

interface Flags {
  readonly unit?: true
  readonly fast?: true
  readonly full?: true
  readonly part?: readonly string[]
  readonly coverage?: true
}

/** The parts that start no program, and need nothing but the checkout. */
const unitParts = ['lint', 'types', 'dead-code', 'unit']

const help = `
Parts, in this order:
  lint, types, dead-code  static checks
  unit                    tests that start no program
  integration             tests that start programs: ssh, qemu-img, processes to kill
  contracts-ENGINE        tests of an engine, with real guests
  package                 the packed package, installed in an empty project
  features                scenarios tagged @fast or @gate, using the embedded engine
  features-container      the whole procedure, using the container engine

Examples:
  $ ./drill test                    run all parts, as CI does
  $ ./drill test --unit             check a change in 15 seconds
  $ ./drill test --fast             run all parts, and only scenarios tagged @fast
  $ ./drill test --full             run all scenarios on both engines, and try all moments: hours
  $ ./drill test --part lint types  run two parts
  $ ./drill test --coverage         also measure how much of src runs: twice the time

Exit codes: 0 all passed, 1 a check or test failed, 2 wrong input, 3 undetermined, 130 interrupted. 1 wins over 3.`

/** `./drill test`: the project's own tests. */
function testProgram(): Command {
  return new Command('./drill test')
    .description("run the project's own checks and tests (in a checkout)")
    .option('--unit', `run only ${unitParts.join(', ')}`)
    .addOption(new Option('--fast', 'run only the scenarios tagged @fast').conflicts('full'))
    .option('--full', 'run all scenarios, and end commands at every moment, not only at some')
    .addOption(new Option('--part <name...>', 'names of the parts to run').choices(partNames))
    .option('--coverage', 'measure the coverage of src, child processes included')
    .option('--debug', 'print stack traces')
    .addHelpText('after', help)
    .action(async ({ unit, fast, full, part, coverage }: Flags) => {
      const print = (lines: string) => void process.stdout.write(`${lines}\n`)
      using interruption = interruptible()
      const tally = await runGate({
        root: fileURLToPath(new URL('../..', import.meta.url)),
        chosen: part ?? (unit === true ? unitParts : partNames),
        tags: full === true ? undefined : fast === true ? '@fast' : '@fast or @gate',
        isMeasured: coverage === true,
        signal: interruption.signal,
        print,
        prepare: (purpose) => setUp(purpose, print, interruption.signal),
      })
      print(closingLine(tally))
      process.exitCode = tally.exitCode
    })
}

await runProgram(testProgram())
