import type { ExerciseFiles } from '../exercise/exercise-file.ts'
import { ExerciseLog } from '../exercise/exercise-log.ts'
import { ExerciseRun } from '../exercise/exercise-run.ts'
import { parseTeam, parseTeamName } from '../exercise/participants.ts'
import { playOnPaper } from '../exercise/play-on-paper.ts'
import { ownVersion } from '../project/package.ts'
import { readConfig } from '../project/project.ts'
import type { ExitCode } from '../run/exit-code.ts'
import { execute } from '../run/run.ts'
import type { RunHooks } from '../run/run-hooks.ts'
import type { EngineChoice } from '../setup/engine-choice.ts'
import { FacilitatorConsole } from './exercise-console.ts'
import { exerciseSuite } from './exercise-suite.ts'
import { preparedLabs } from './prepared-labs.ts'
import { Progress } from './progress.ts'
import { terminalReport } from './run-output.ts'

export interface ExerciseFlags {
  readonly person?: readonly string[]
  readonly team?: string
  readonly listen?: string
  readonly endWhenMet?: true
  readonly dryRun?: true
  readonly engine?: EngineChoice
  readonly reports?: string
}

/** Plays an exercise, or prints what would happen. */
export async function playExercise(files: ExerciseFiles, flags: ExerciseFlags): Promise<ExitCode> {
  const { script } = files
  const team = parseTeam(flags.person ?? ['team'], script)
  const teamName = flags.team === undefined ? undefined : parseTeamName(flags.team)
  const { objectives, maxVerdictAgeMs, reports, engine } = readConfig(process.cwd())
  const suite = await exerciseSuite(files)
  if (flags.dryRun === true) {
    process.stdout.write(`${playOnPaper(files).join('\n')}\n`)
    return 0
  }
  const stream = { write: (text: string) => process.stdout.write(text) } as unknown as NodeJS.WritableStream
  // A live line would get in the way of what the facilitator types.
  using progress = new Progress({ stream, scenarioCount: 1 })
  const labs = preparedLabs(flags.engine ?? engine)
  const log = new ExerciseLog()
  let console: FacilitatorConsole | undefined
  const hooks: RunHooks = {
    get engine() {
      return labs.engine
    },
    get guestImage() {
      return labs.guestImage
    },
    async before(run) {
      const exercise = new ExerciseRun(run, {
        files,
        team,
        ...(teamName !== undefined && { teamName }),
        endsWhenMet: flags.endWhenMet === true,
        ...(flags.listen !== undefined && { listen: flags.listen }),
        onReady: (folders) => {
          console = new FacilitatorConsole(exercise, (text) => progress.print(text))
          return console.welcome(folders)
        },
      })
      await labs.before?.(run)
    },
    async after(run) {
      return await labs.after?.(run)
    },
  }
  const result = await execute({
    ...{ suite, reports: flags.reports ?? reports, objectives, maxVerdictAgeMs, hooks },
    ...{ failFast: false, keepLab: false, allowNotRun: false },
    version: ownVersion(),
    argv: process.argv.slice(2),
    onEntry: (entry) => {
      const line = entry.kind === 'exercise' ? log.line(entry) : undefined
      if (line !== undefined) progress.print(line)
      if (entry.kind === 'exercise' && entry.event === 'ended') console?.[Symbol.dispose]()
      progress.update(entry)
    },
    print: (text) => progress.print(text),
  })
  progress.print(terminalReport(result))
  return result.exitCode
}
