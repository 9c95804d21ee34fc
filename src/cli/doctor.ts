import { Command } from 'commander'
import { invocation } from '../localhost/invocation.ts'
import { interruptible } from '../run/interrupts.ts'
import { type Diagnosis, describeDiagnosis, diagnose } from '../setup/doctor.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { probes } from '../setup/probes.ts'
import { closing, type Style, styleOf } from '../text/style.ts'
import { engineHere, engineOption } from './engine-option.ts'

const help = `
Tries the container or embedded engine, memory and disk, and the guest image,
and brings up a small lab. Nothing is installed or left behind.

Examples:
  $ dr-drill doctor                          the engine that run would use
  $ dr-drill doctor --engine embedded        another engine
  $ dr-drill doctor --json | jq .isWell      for programs

Exit codes: 0 all requirements met, 2 wrong input, 3 requirement not met,
130 interrupted.`

/** `doctor`: tries everything that a drill needs of this machine. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .addOption(engineOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(async ({ engine: choice, json }: { engine?: EngineChoice; json?: true }) => {
      const engine = await chooseEngine(engineHere(choice), (line) => process.stderr.write(`${line}\n`))
      using interruption = interruptible()
      const style = styleOf(process.stdout)
      const all = probes(engine)
      const nameWidth = Math.max(...all.map(({ name }) => name.length))
      const diagnoses: Diagnosis[] = []
      for await (const diagnosis of diagnose(all, interruption.signal)) {
        diagnoses.push(diagnosis)
        if (json !== true) process.stdout.write(`${describeDiagnosis(diagnosis, { nameWidth, style })}\n`)
      }
      const isWell = diagnoses.every(({ state }) => state === 'ok')
      const text = json === true ? JSON.stringify({ isWell, engine, probes: diagnoses }) : summary(diagnoses, style)
      process.stdout.write(`${text}\n`)
      process.exitCode = isWell ? 0 : 3
    })
}

function summary(diagnoses: readonly Diagnosis[], style: Style): string {
  const unmet = diagnoses.filter(({ state }) => state !== 'ok').map(({ name }) => name)
  const lines =
    unmet.length === 0
      ? closing(style, 'passed', 'This machine can run drills.', [`${invocation} run`])
      : closing(style, 'failed', `This machine cannot run drills yet: ${unmet.join(', ')}.`)
  return ['', ...lines].join('\n')
}
