import { resolve } from 'node:path'
import { Run, register } from '../drill/run-context.ts'
import { DrillError, withRemedy } from '../errors.ts'
import type { Finding, JournalEntry } from '../journal/journal.ts'
import { JournalFile } from '../journal/journal-file.ts'
import type { KeepEntry } from '../journal/journal-memory.ts'
import { errorEvent } from '../journal/outcome.ts'
import { writeReports } from '../report/write-reports.ts'
import type { Objectives } from '../verdict/claim/objectives.ts'
import type { Suite } from './cucumber.ts'
import { drillScenarios } from './drill-scenarios.ts'
import { type ExitCode, exitCodeOfRun } from './exit-code.ts'
import { onInterrupt } from './interrupts.ts'
import { Crew } from './parallel/crew.ts'
import { makeFolder, switchLatest } from './reports-folder.ts'
import { newRunId } from './run-id.ts'

/** What surrounds the drills of a run: getting ready for labs, and looking for what they left. */
export interface RunHooks {
  /** What holds the labs; known once `before` is done. */
  readonly engine?: string | undefined
  /** Before the first drill. What it throws ends the run. */
  before?(run: Run): Promise<void>
  /** After the last drill, whatever happened. It records its observations itself. */
  after?(run: Run): Promise<Finding | undefined>
}

export interface ExecuteOptions {
  readonly suite: Suite
  /** The folder of all reports. */
  readonly reports: string
  /** Of dr-drill. */
  readonly version: string
  /** As typed, for the record. */
  readonly argv: readonly string[]
  readonly failFast: boolean
  readonly keepLab: boolean
  readonly allowNotRun: boolean
  readonly objectives: Objectives
  /** In how many processes side by side; by default in this one. */
  readonly workers?: number
  readonly hooks?: RunHooks
  /** Sees every entry of the journal as it is written, with the number of the worker that it comes from, if any. */
  readonly onEntry?: KeepEntry
  /** Says something to whoever waits. */
  readonly say: (text: string) => void
}

export interface RunResult {
  readonly run: string
  /** `reports/<run id>` */
  readonly directory: string
  readonly exitCode: ExitCode
  readonly entries: readonly JournalEntry[]
}

/**
 * One execution of the tool: drills a suite, keeps the journal, cleans up, writes the reports.
 * @throws InputError or MachineError when there is nowhere to write the reports to; anything else is in the result
 */
export async function execute(options: ExecuteOptions): Promise<RunResult> {
  const { suite, version, argv, failFast, keepLab, allowNotRun, objectives, workers = 1, say } = options
  const id = newRunId(new Date())
  const reports = resolve(options.reports)
  const directory = makeFolder(reports, id)
  using journal = new JournalFile(`${directory}/journal.ndjson`, {
    ...(options.onEntry === undefined ? {} : { onEntry: options.onEntry }),
    // With nothing to prove it by, going on would be a waste.
    onBroken: (error) => run.abort(error),
  })
  const run: Run = new Run({ id, directory, journal, keepLab, objectives })
  let leave = (): void => {}
  using _interrupts = onInterrupt({
    first: (error) => {
      say(`${error.message}: ending the drill and cleaning up; once more to leave at once`)
      run.abort(error)
    },
    second: (error) => {
      journal.append({ kind: 'note', text: error.message })
      journal.append({ kind: 'run-ended', exitCode: 130 })
      say(`${error.message}: leaving at once; the guests of the lab notice it and end by themselves within seconds`)
      leave()
      process.exit(130)
    },
  })
  using registration = register(run)
  journal.append({ kind: 'run-started', run: id, version, argv })
  // Workers get ready while the machine does.
  using crew =
    workers > 1 ? new Crew({ run, suite, size: workers, failFast, objectives, reports, journal, say }) : undefined
  leave = () => crew?.[Symbol.dispose]()
  await drillAll(suite, run, registration.parameters, crew, options)
  if (run.signal.aborted) journal.append(errorEvent(run.signal.reason))
  const exitCode = exitCodeOfRun(journal.entries(), { allowNotRun })
  journal.append({ kind: 'run-ended', exitCode })
  const errors = await report(run, reports)
  for (const error of errors) say(withRemedy(error))
  return {
    run: id,
    directory,
    exitCode: exitCode === 0 && errors.length > 0 ? 3 : exitCode,
    entries: journal.entries(),
  }
}

async function drillAll(
  suite: Suite,
  run: Run,
  parameters: Readonly<Record<string, string>>,
  crew: Crew | undefined,
  { failFast, hooks }: ExecuteOptions,
): Promise<void> {
  const { journal } = run
  try {
    await hooks?.before?.(run)
    if (crew === undefined) await drillScenarios(suite, run, { failFast, parameters })
    else await crew.drill(hooks?.engine)
  } catch (error) {
    // It is among the run's errors in any case when the run was aborted.
    if (error !== run.signal.reason) journal.append(errorEvent(error))
  }
  // Only when Cucumber itself broke down is a drill still open.
  if (run.hasDrill) await run.endDrill()
  try {
    const finding = await hooks?.after?.(run)
    if (finding !== undefined) journal.append({ kind: 'finding', finding })
  } catch (error) {
    journal.append(errorEvent(error))
  }
}

/** Writes everything that derives from the journal, and returns one error for each report that could not be written. */
async function report(run: Run, reports: string): Promise<readonly DrillError[]> {
  const errors = [...(await writeReports(run.directory, run.journal.entries()))]
  try {
    switchLatest(reports, run.id)
  } catch (error) {
    if (!(error instanceof DrillError)) throw error
    errors.push(error)
  }
  return errors
}
