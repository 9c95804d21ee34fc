import { Command } from 'commander'
import { type Diagnosis, describeDiagnosis, diagnose } from '../setup/doctor.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { probes } from '../setup/probes.ts'
import { engineHere, engineOption } from './engine-option.ts'

const help = `
Examples:
  $ dr-drill doctor                            of the engine that a run would take
  $ dr-drill doctor --engine embedded          of another one
  $ dr-drill doctor --json | jq .isWell        for programs

Exit codes: 0 all is well, 2 wrong input, 3 something is not.`

/** `doctor`: tries everything that a drill needs. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('try everything that a drill needs of this machine, and say what to do about what fails')
    .addOption(engineOption())
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', help)
    .action(async ({ engine: choice, json }: { engine?: EngineChoice; json?: true }) => {
      const engine = await chooseEngine(engineHere(choice), (line) => process.stderr.write(`${line}\n`))
      const all = probes(engine)
      const width = Math.max(...all.map(({ name }) => name.length))
      const diagnoses: Diagnosis[] = []
      for await (const diagnosis of diagnose(all)) {
        diagnoses.push(diagnosis)
        if (json !== true) process.stdout.write(`${describeDiagnosis(diagnosis, width)}\n`)
      }
      const isWell = diagnoses.every(({ state }) => state === 'ok')
      if (json === true) process.stdout.write(`${JSON.stringify({ isWell, engine, probes: diagnoses })}\n`)
      process.exitCode = isWell ? 0 : 3
    })
}
