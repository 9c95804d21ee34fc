import { resolve } from 'node:path'
import { Run, register } from '../drill/run-context.ts'
import { withRemedy } from '../errors.ts'
import type { JournalEntry, ShardRecord } from '../journal/journal.ts'
import { JournalFile } from '../journal/journal-file.ts'
import type { KeepEntry } from '../journal/journal-memory.ts'
import { journalFormat } from '../journal/journal-schema.ts'
import { errorEvent } from '../journal/outcome.ts'
import type { Objectives } from '../verdict/claim/objectives.ts'
import { drillScenarios } from './drill-scenarios.ts'
import { type ExitCode, exitCodeOfRun } from './exit-code.ts'
import { onInterrupt } from './interrupts.ts'
import { WorkerPool } from './parallel/worker-pool.ts'
import { createReportFolder, writeRun } from './reports-folder.ts'
import { runEnvironment } from './run-environment.ts'
import type { RunHooks } from './run-hooks.ts'
import { newRunId } from './run-id.ts'
import type { Suite } from './suite.ts'

export interface ExecuteOptions {
  readonly suite: Suite
  /** The folder of all reports. */
  readonly reports: string
  /** The version of dr-drill. */
  readonly version: string
  /** The command line, for the journal. */
  readonly argv: readonly string[]
  readonly failFast: boolean
  readonly keepLab: boolean
  readonly allowNotRun: boolean
  /** Undefined if the suite is the whole run. */
  readonly shard?: ShardRecord
  readonly objectives: Objectives
  /** Age at which a verdict expires. Undefined if none is configured. */
  readonly maxVerdictAgeMs?: number | null | undefined
  /** Number of worker processes. Default: 1, which is this process. */
  readonly workers?: number
  /** How often a scenario is tried again that could not be judged. Default: 0. It takes a worker process. */
  readonly retryUnknown?: number
  readonly hooks?: RunHooks
  /** Receives every entry of the journal as it is written, with the number of the worker that it comes from, if any. */
  readonly onEntry?: KeepEntry
  /** Prints a line for the user. */
  readonly print: (text: string) => void
}

export interface RunResult {
  readonly run: string
  /** `reports/<run id>` */
  readonly directory: string
  readonly exitCode: ExitCode
  /** Number of worker processes; 1 without workers. */
  readonly workers: number
  readonly entries: readonly JournalEntry[]
}

/**
 * Executes a run: drills the suite, keeps the journal, cleans up, writes the reports.
 * @throws InputError or MachineError if the reports cannot be written. All other errors are in the result.
 */
export async function execute(options: ExecuteOptions): Promise<RunResult> {
  const { suite, version, argv, failFast, keepLab, allowNotRun, shard, objectives, workers = 1, print } = options
  const retries = options.retryUnknown ?? 0
  const id = newRunId(new Date())
  const reports = resolve(options.reports)
  const directory = createReportFolder(reports, id)
  using journal = new JournalFile(`${directory}/journal.ndjson`, {
    ...(options.onEntry === undefined ? {} : { onEntry: options.onEntry }),
    // A drill without a journal proves nothing.
    onBroken: (error) => run.abort(error),
  })
  const run: Run = new Run({ id, directory, journal, keepLab, objectives })
  let killWorkers = (): void => {}
  using _interrupts = onInterrupt({
    first: (error) => {
      print(`${error.message}. Stopping and cleaning up. Press Ctrl-C again to quit immediately.`)
      run.abort(error)
    },
    second: (error) => {
      journal.append({ kind: 'note', text: error.message })
      journal.append({ kind: 'run-ended', exitCode: 130 })
      print(`${error.message}. Quitting immediately. The lab's guests exit by themselves within seconds.`)
      killWorkers()
      process.exit(130)
    },
  })
  using registration = register(run)
  journal.append({ kind: 'run-started', run: id, version, argv, format: journalFormat, ...(shard && { shard }) })
  // The workers load the suite while `before` prepares this machine.
  using pool =
    workers > 1 || retries > 0
      ? new WorkerPool({ run, suite, workers, failFast, objectives, retries, reports, journal, print })
      : undefined
  killWorkers = () => pool?.[Symbol.dispose]()
  await drillAll(suite, run, registration.parameters, pool, options)
  if (run.signal.aborted) journal.append(errorEvent(run.signal.reason))
  const exitCode = exitCodeOfRun(journal.entries(), { allowNotRun })
  journal.append({ kind: 'run-ended', exitCode })
  const errors = await writeRun(run.directory, journal.entries(), reports)
  for (const error of errors) print(withRemedy(error))
  return {
    run: id,
    directory,
    exitCode: exitCode === 0 && errors.length > 0 ? 3 : exitCode,
    workers,
    entries: journal.entries(),
  }
}

async function drillAll(
  suite: Suite,
  run: Run,
  parameters: Readonly<Record<string, string>>,
  pool: WorkerPool | undefined,
  { failFast, hooks, reports, maxVerdictAgeMs = null }: ExecuteOptions,
): Promise<void> {
  const { journal } = run
  try {
    const environment = runEnvironment(process.cwd(), resolve(reports))
    try {
      await hooks?.before?.(run)
    } finally {
      const { engine, engineVersion, guestImage } = hooks ?? {}
      const lab = {
        ...(engine && { engine }),
        ...(engineVersion && { engineVersion }),
        ...(guestImage && { guestImage }),
      }
      const { code } = suite
      journal.append({ kind: 'environment', environment: { ...(await environment), ...lab, code, maxVerdictAgeMs } })
    }
    if (suite.scenarios.length === 0) return
    if (pool === undefined) await drillScenarios(suite, run, { failFast, parameters })
    else await pool.drill(hooks?.engine)
  } catch (error) {
    // If the run was aborted, its reason is recorded by the caller.
    if (error !== run.signal.reason) journal.append(errorEvent(error))
  }
  // A drill is still open only if Cucumber itself failed.
  if (run.hasDrill) await run.endDrill()
  try {
    const finding = await hooks?.after?.(run)
    if (finding !== undefined) journal.append({ kind: 'finding', finding })
  } catch (error) {
    journal.append(errorEvent(error))
  }
}
