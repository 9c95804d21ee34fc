import { resolve } from 'node:path'
import { DrillError } from '../errors.ts'
import { html, junit } from '../report/formatters.ts'
import { summary } from '../report/summary.ts'
import type { Objectives } from '../verdict/objectives.ts'
import type { Suite } from './cucumber.ts'
import { bounded, type Envelope } from './envelope.ts'
import { type ExitCode, exitCodeOfRun } from './exit-code.ts'
import { onInterrupt } from './interrupts.ts'
import type { Finding, Journal, JournalEntry } from './journal.ts'
import { JournalFile } from './journal-file.ts'
import { errorEvent } from './outcome.ts'
import { makeFolder, switchLatest, writeReport } from './reports-folder.ts'
import { Run, register } from './run-context.ts'
import { newRunId } from './run-id.ts'
import { ScenarioIndex } from './scenario.ts'

/** What surrounds the drills of a run: getting ready for labs, and looking for what they left. */
export interface RunHooks {
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
  readonly hooks?: RunHooks
  /** Sees every entry of the journal as it is written. */
  readonly onEntry?: (entry: JournalEntry) => void
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
  const { suite, version, argv, keepLab, allowNotRun, objectives, say } = options
  const id = newRunId(new Date())
  const reports = resolve(options.reports)
  const directory = makeFolder(reports, id)
  using journal = new JournalFile(`${directory}/journal.ndjson`, {
    ...(options.onEntry === undefined ? {} : { onEntry: options.onEntry }),
    // With nothing to prove it by, going on would be a waste.
    onBroken: (error) => run.abort(error),
  })
  const run: Run = new Run({ id, directory, journal, keepLab, objectives })
  using _interrupts = onInterrupt({
    first: (error) => {
      say(`${error.message}: ending the drill and cleaning up; once more to leave at once`)
      run.abort(error)
    },
    second: (error) => {
      journal.append({ kind: 'note', text: error.message })
      journal.append({ kind: 'run-ended', exitCode: 130 })
      say(`${error.message}: leaving at once; the guests of the lab notice it and end by themselves within seconds`)
      process.exit(130)
    },
  })
  using registration = register(run)
  journal.append({ kind: 'run-started', run: id, version, argv })
  await drillAll(suite, run, registration.parameters, options)
  if (run.signal.aborted) journal.append(errorEvent(run.signal.reason))
  const exitCode = exitCodeOfRun(journal.entries(), { allowNotRun })
  journal.append({ kind: 'run-ended', exitCode })
  const unwritten = await writeReports(run, reports)
  if (unwritten !== undefined) say(unwritten.message)
  return { run: id, directory, exitCode: exitCode === 0 && unwritten ? 3 : exitCode, entries: journal.entries() }
}

async function drillAll(
  suite: Suite,
  run: Run,
  parameters: Readonly<Record<string, string>>,
  { failFast, hooks }: ExecuteOptions,
): Promise<void> {
  const { journal } = run
  try {
    await hooks?.before?.(run)
    const record = recorder(run)
    const success = await suite.run({ failFast, parameters, onEnvelope: record })
    // Whatever Cucumber calls a failure and we do not know of, such as a hook around all scenarios, is one.
    if (!success && exitCodeOfRun(journal.entries()) === 0) {
      journal.append(errorEvent(new DrillError('failure', 'hook-failed', failedHook(journal))))
    }
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

/** Puts envelopes into the journal, and scenarios that never became a drill: not run, with the reason. */
function recorder(run: Run): (envelope: Envelope) => void {
  const index = new ScenarioIndex()
  let drillsBefore = 0
  return (envelope) => {
    run.journal.append({ kind: 'envelope', envelope: bounded(envelope) })
    index.update(envelope)
    run.backgrounds.update(envelope)
    if (envelope.testCaseStarted !== undefined) drillsBefore = run.drillCount
    if (envelope.testCaseFinished !== undefined && run.drillCount === drillsBefore) {
      const why = run.signal.aborted
        ? (run.signal.reason as Error).message
        : 'a scenario before it failed (--fail-fast)'
      run.skip(index.scenario(envelope.testCaseFinished.testCaseStartedId), why)
    }
  }
}

function failedHook(journal: Journal): string {
  const messages = journal.entries().flatMap((entry) => {
    const hook = entry.kind === 'envelope' ? (entry.envelope as Envelope).testRunHookFinished : undefined
    return hook?.result.status === 'FAILED' ? [hook.result.message ?? 'no message'] : []
  })
  return messages[0] ?? 'cucumber reports a failure that no scenario accounts for'
}

/** All but the journal derives from the journal. Returns what kept the reports from being written. */
async function writeReports(run: Run, reports: string): Promise<DrillError | undefined> {
  const entries = run.journal.entries()
  try {
    writeReport(run.file('summary.md'), summary(entries))
    writeReport(run.file('junit.xml'), await junit(entries))
    writeReport(run.file('report.html'), await html(entries))
    switchLatest(reports, run.id)
    return undefined
  } catch (error) {
    if (error instanceof DrillError) return error
    throw error
  }
}
