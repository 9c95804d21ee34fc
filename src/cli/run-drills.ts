import { DrillError, InputError } from '../errors.ts'
import type { ShardRecord } from '../journal/journal.ts'
import { readJournal } from '../journal/journal-file.ts'
import { invocation } from '../localhost/invocation.ts'
import { runMetrics } from '../metrics/run-metrics.ts'
import { ownVersion } from '../project/package.ts'
import { openProject, type Project } from '../project/project.ts'
import { type ExitCode, exitCodeOfError } from '../run/exit-code.ts'
import { findRun } from '../run/find-run.ts'
import type { LabHooks } from '../run/lab-hooks.ts'
import { type LastRun, readLastRun } from '../run/last-run.ts'
import { durationsOf } from '../run/parallel/scenario-durations.ts'
import { runWorker } from '../run/parallel/worker.ts'
import { workerCountHere } from '../run/parallel/worker-count.ts'
import { execute, type RunResult } from '../run/run.ts'
import type { RunHooks } from '../run/run-hooks.ts'
import type { Selection } from '../run/selection.ts'
import { limitedTo, scenariosOfShard } from '../run/shard/scenarios-of-shard.ts'
import type { Suite } from '../run/suite.ts'
import type { EngineChoice } from '../setup/engine-choice.ts'
import { counted } from '../text/plural.ts'
import type { ProgressStream } from '../text/terminal.ts'
import { reportToGithub } from './github-actions.ts'
import { openMonitoring, publishResult } from './metrics-option.ts'
import { printError } from './print-error.ts'
import { Progress } from './progress.ts'
import { jsonReport, scenarioList, terminalReport } from './run-output.ts'
import { type RunFlags, type RunSettings, selectionOf, settingsOf } from './run-settings.ts'

export interface RunCommandOptions {
  /** Provides labs, and checks that nothing is left of them. Undefined for drills without labs. */
  readonly labs?: (engine: EngineChoice) => LabHooks
  /** Provides labs in a worker, whose parent has prepared this machine. */
  readonly workerLabs?: (engine: string) => RunHooks
}

export interface EndedRun {
  readonly exitCode: ExitCode
  readonly hooks?: LabHooks
}

/** `run` in the process that the user started. Prints its errors itself. */
export async function runDrills(
  paths: readonly string[],
  flags: RunFlags,
  labs: RunCommandOptions['labs'],
): Promise<EndedRun> {
  const people: ProgressStream = flags.json === true ? process.stderr : process.stdout
  try {
    const monitoring = openMonitoring(flags.metrics)
    const project = openProject(process.cwd(), flags.config)
    const settings = settingsOf(project, flags)
    const selected = await selectScenarios(project, settings, paths, flags)
    const { suite, record } = shardOf(selected, settings, flags)
    if (suite === undefined || flags.list === true || flags.dryRun === true) {
      showScenarios(suite?.scenarios ?? [], flags, people)
      return { exitCode: 0 }
    }
    const hooks = suite.scenarios.length === 0 ? undefined : labs?.(settings.engine)
    const result = await drill(suite, record, flags, settings, hooks, people)
    const { entries } = result
    const gauges = () => runMetrics(entries)
    const exitCode = await publishResult(monitoring, { gauges, entries, exitCode: result.exitCode })
    return { exitCode, ...(hooks === undefined ? {} : { hooks }) }
  } catch (error) {
    const exitCode = exitCodeOfError(error)
    printError(error)
    if (flags.json === true) printJson({ exitCode, error: { code: codeOf(error), message: (error as Error).message } })
    return { exitCode }
  }
}

/** `run` in a worker process: runs what the parent assigns. */
export async function startWorker(
  paths: readonly string[],
  flags: RunFlags,
  labs: RunCommandOptions['workerLabs'],
): Promise<void> {
  const { openRunner } = await import('../run/suite.ts')
  const runner = await openRunner(selectionOf(openProject(process.cwd(), flags.config), paths, flags))
  await runWorker({ runner, version: ownVersion(), argv: process.argv.slice(2), labs })
  process.exit()
}

/** Returns the scenarios to run. Undefined if those that failed are requested, and there are none. */
async function selectScenarios(
  project: Project,
  { reports, objectives }: RunSettings,
  paths: readonly string[],
  flags: RunFlags,
): Promise<Suite | undefined> {
  // Every other command would wait for Cucumber to load.
  const { prepareSuite } = await import('../run/suite.ts')
  const { requireKnownObjectives } = await import('../run/known-objectives.ts')
  const selection = selectionOf(project, paths, flags)
  const prepare = async (chosen: Selection): Promise<Suite> => {
    const suite = await prepareSuite(chosen)
    const locations = suite.scenarios.map(({ location }) => location)
    await requireKnownObjectives(objectives, selectionOf(project, [], { tags: '' }), locations, project.config.source)
    return suite
  }
  if (flags.lastFailed !== true) return prepare(selection)
  const last = readLastRun(reports)
  if (last.failed.length === 0) {
    note(`no scenario failed in the last run (${last.run})`)
    return undefined
  }
  return noteLastFailed(await prepare({ ...selection, only: last.failed }), last)
}

function noteLastFailed(suite: Suite, { run, failed }: LastRun): Suite {
  for (const location of suite.missing)
    note(`${location} failed in the last run, but no scenario begins at that line now`)
  const count = suite.scenarios.length
  if (count === 0) throw new InputError(`no scenario that failed in the last run (${run}) is selected`)
  note(`selected ${count} of ${counted(failed.length, 'scenario')} that failed in the last run (${run})`)
  return suite
}

/** Returns the scenarios that this machine runs, and its place in the whole run. */
function shardOf(
  suite: Suite | undefined,
  { reports }: RunSettings,
  { shard, durations }: RunFlags,
): { readonly suite: Suite | undefined; readonly record?: ShardRecord } {
  if (suite === undefined || shard === undefined) return { suite }
  const known =
    durations === undefined ? undefined : durationsOf(readJournal(findRun(durations, reports).journal).entries)
  const own = scenariosOfShard(suite.scenarios, shard, known)
  const selected = suite.scenarios.map(({ location }) => location)
  note(`shard ${shard.number}/${shard.count} has ${own.length} of ${counted(selected.length, 'scenario')}`)
  return { suite: limitedTo(suite, own), record: { ...shard, selected, own } }
}

async function drill(
  suite: Suite,
  shard: ShardRecord | undefined,
  { failFast, keepLab, allowNotRun, retryUnknown, json }: RunFlags,
  { reports, objectives, maxVerdictAgeMs, parallel, engine }: RunSettings,
  hooks: LabHooks | undefined,
  people: ProgressStream,
): Promise<RunResult> {
  const { count, why } = await workerCountHere(
    parallel,
    suite.scenarios.filter(({ isIsolated }) => !isIsolated).map(({ location }) => location),
    // The engine is chosen later, and may well be this one.
    engine === 'auto' ? 'embedded' : engine,
  )
  using progress = new Progress({ stream: people, scenarioCount: suite.scenarios.length, workers: count })
  if (why !== undefined) progress.print(why)
  const result = await execute({
    suite,
    reports,
    objectives,
    maxVerdictAgeMs,
    version: ownVersion(),
    argv: process.argv.slice(2),
    failFast: failFast === true,
    keepLab: keepLab === true,
    allowNotRun: allowNotRun === true,
    workers: count,
    ...(shard === undefined ? {} : { shard }),
    ...(retryUnknown === undefined ? {} : { retryUnknown }),
    ...(hooks === undefined ? {} : { hooks }),
    onEntry: (entry, worker) => progress.update(entry, worker),
    print: (text) => progress.print(text),
  })
  reportToGithub(result.entries, (bytes) => people.write(bytes))
  // The closing line comes last: programs read it.
  progress.print(terminalReport(result))
  if (hooks?.hasKept === true) progress.print(keptLab(hooks, result.run))
  if (json === true) printJson(jsonReport(result))
  return result
}

function keptLab(hooks: LabHooks, run: string): string {
  return [
    'The lab is kept.',
    `  Enter it:  ${invocation} shell NODE   (${hooks.machines().join(', ')})`,
    `  End it:    ${invocation} clean --kept ${run}`,
  ].join('\n')
}

function showScenarios(scenarios: Suite['scenarios'], { dryRun, json }: RunFlags, people: ProgressStream): void {
  for (const line of scenarioList(scenarios)) people.write(`${line}\n`)
  if (dryRun === true) people.write(`${scenarios.length} can be run\n`)
  if (json === true) printJson({ exitCode: 0, scenarios: scenarios.map(({ location, name }) => ({ location, name })) })
}

/** Prints a line that is not part of the result. */
function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

function printJson(object: object): void {
  process.stdout.write(`${JSON.stringify(object)}\n`)
}

function codeOf(error: unknown): string {
  return error instanceof DrillError ? error.code : 'unexpected'
}
