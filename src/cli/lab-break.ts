import { MachineError } from '../errors.ts'
import { type ExerciseFiles, readExercise } from '../exercise/exercise-file.ts'
import { Practice } from '../exercise/practice.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { invocation } from '../localhost/invocation.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { ownVersion } from '../project/package.ts'
import { readConfig } from '../project/project.ts'
import { execute } from '../run/run.ts'
import type { EngineChoice } from '../setup/engine-choice.ts'
import { printableLines } from '../text/printable.ts'
import { closing, styleOf } from '../text/style.ts'
import { exercisePlaces, exerciseSuite } from './exercise-suite.ts'
import { releaseParent } from './hold.ts'
import { preparedLabs } from './prepared-labs.ts'

interface BrokenLab {
  readonly run: string
  /** The folder of the person who practices. */
  readonly folder: string
  readonly machines: readonly string[]
}

/**
 * Brings up the lab of an exercise in the holder, breaks it, and waits until it is to end. Returns the exit code.
 * @throws InputError for an unknown exercise; MachineError if the site cannot be broken
 */
export async function holdBroken(
  exercise: string,
  { engine, json }: { readonly engine?: EngineChoice; readonly json?: true },
): Promise<number> {
  const files = readExercise(exercise, exercisePlaces())
  const suite = await exerciseSuite(files)
  const labs = preparedLabs(engine ?? readConfig(process.cwd()).engine)
  // A run writes reports, and a practice does not need them.
  await using reports = await LeasedFolder.temporary('dr-drill-practice-')
  let isReady = false
  process.stderr.write(`Preparing the site of the exercise ${files.name}. This takes about a minute.\n`)
  const { exitCode, entries } = await execute({
    suite,
    reports: reports.path,
    objectives: {},
    hooks: {
      get engine() {
        return labs.engine
      },
      async before(run) {
        new Practice(run, {
          files,
          onReady: async (folder, machines) => {
            await labs.keep()
            const lab = { run: run.id, folder, machines }
            process.stdout.write(
              json === true ? `${JSON.stringify({ exercise: files.name, ...lab })}\n` : describe(files, lab),
            )
            isReady = true
            await releaseParent(0)
          },
        })
        await labs.before?.(run)
      },
      after: async (run) => labs.after?.(run),
    },
    ...{ failFast: false, keepLab: false, allowNotRun: false },
    version: ownVersion(),
    argv: process.argv.slice(2),
    print: (text) => process.stderr.write(`${text}\n`),
  })
  if (isReady || exitCode === 130) return exitCode
  throw new MachineError(
    'practice',
    `the site of the exercise ${files.name} cannot be prepared: ${firstProblem(entries)}`,
    {
      remedy: `For details, play it: ${invocation} exercise ${files.name}`,
    },
  )
}

function describe({ script: { title, briefing } }: ExerciseFiles, { run, folder, machines }: BrokenLab): string {
  const [example = 'NODE'] = machines
  const next = [
    `ssh -F ${folder}/ssh_config ${example.replace(/^.*\//, '')}`,
    `${invocation} shell --run ${run} ${example}   (as root)`,
    `${invocation} exercise verify --dir ${folder}`,
    `${invocation} exercise hint --dir ${folder}`,
    `${invocation} lab down ${run}`,
  ]
  const sentence = `Lab ${run} is running, broken: ${machines.join(', ')}.`
  return [
    title,
    '',
    printableLines(briefing.trim()),
    '',
    ...closing(styleOf(process.stdout), 'passed', sentence, next),
    `  Files: ${folder}`,
    '  Objectives that verify does not judge are those of what comes later: reboot a node, and verify again.',
    '',
  ].join('\n')
}

function firstProblem(entries: readonly JournalEntry[]): string {
  for (const entry of entries) if (entry.kind === 'error') return entry.message
  return 'it did not begin'
}
