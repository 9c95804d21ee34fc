import { dirname, relative, resolve, sep } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../errors.ts'
import { historyPage } from '../history/history-page.ts'
import { historyLines } from '../history/history-text.ts'
import { teamHistories } from '../history/past-exercise.ts'
import { featureFiles, presentFeatures, presentRunbooks, presentTopologies, readRuns } from '../history/read-runs.ts'
import { scenarioHistories } from '../history/scenario-history.ts'
import { stalenessOf } from '../history/staleness.ts'
import { parseAgeMs } from '../input/parse-duration.ts'
import { writingFailed } from '../journal/journal-file.ts'
import { readRecipe } from '../lab/engine/recipe.ts'
import { readTopologyFile } from '../lab/topology/topology-file.ts'
import { writeWhole } from '../localhost/write-whole.ts'
import { historyMetrics } from '../metrics/history-metrics.ts'
import { configName } from '../project/config-name.ts'
import { ownVersion } from '../project/package.ts'
import { openProject } from '../project/project.ts'
import { styleOf } from '../text/style.ts'
import { metricsOption, openMonitoring, publishResult } from './metrics-option.ts'
import { selectionOf } from './run-settings.ts'

interface Flags {
  readonly maxAge?: number
  readonly tags?: string
  readonly failIfStale?: true
  readonly json?: true
  readonly html?: string
  readonly metrics?: string
  readonly reports?: string
  readonly config?: string
}

const usualMaxAgeMs = 30 * 24 * 3600_000

/** `history`: the verdicts of past runs, and whether they still hold. */
export function historyCommand(): Command {
  return new Command('history')
    .addOption(
      new Option('--max-age <duration>', 'age at which a verdict expires (default: maxVerdictAge, or 30d)').argParser(
        parseMaxAge,
      ),
    )
    .option('-t, --tags <expression>', 'tag expression: scenarios that must have a verdict (default: all)')
    .option('--fail-if-stale', 'exit with 1 if a scenario needs a new drill, for cron and monitoring')
    .addOption(metricsOption())
    .option('--json', 'print one JSON object')
    .option('--html <file>', 'also write a page with all runs, scenarios and objectives; it is overwritten')
    .option('--reports <dir>', 'folder of reports (default: reports)')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText(
      'after',
      `
A scenario needs a new drill if its last outcome is not passed, if it passed too
long ago, if its feature file, a topology file, a step of the project's own, a
file that a runbook's command line names, the guest image or dr-drill has
changed since, or if it is in the project's features and never ran. A scenario
is unsteady if it passed and failed with all of these as they are. Exercises are
compared by team.

Examples:
  $ dr-drill history
  $ dr-drill history --html reports/history.html
  $ dr-drill history --max-age 7d --fail-if-stale
  $ dr-drill history --tags "not @full"
  $ dr-drill history --json | jq '.due[].location'
  $ dr-drill history --json | jq '.exercises'

Exit codes: 0 success, 1 a scenario needs a new drill (--fail-if-stale), 2 wrong
input, 3 a journal could not be read, or the page not be written.`,
    )
    .action(async (flags: Flags) => {
      const project = openProject(process.cwd(), flags.config)
      const monitoring = openMonitoring(flags.metrics)
      const reports = resolve(flags.reports ?? project.config.reports)
      const { runs, problems } = readRuns(reports)
      if (runs.length === 0 && problems.length === 0)
        throw new InputError(`${reports} holds no run`, { remedy: 'Run drills first: dr-drill run' })
      const files = featureFiles(runs)
      // Every other command would wait for Cucumber to load.
      const { findProjectScenarios } = await import('../run/project-scenarios.ts')
      const selection = selectionOf(project, [], { tags: flags.tags ?? '' })
      const { selected, all: scenarios, code } = await findProjectScenarios(selection, files)
      const histories = scenarioHistories(runs)
      const maxAgeMs = flags.maxAge ?? project.config.maxVerdictAgeMs ?? usualMaxAgeMs
      const staleness = stalenessOf(histories, {
        ...{ now: new Date(), maxAgeMs, version: ownVersion(), guestImage: (await readRecipe()).digest },
        ...{ features: presentFeatures(files, project.folder), selected, scenarios, code },
        runbooks: presentRunbooks(runs, project.folder),
        topologies: presentTopologies(runs, (name) => readIfFound(name, project.topologyFolder)),
      })
      if (flags.html !== undefined) {
        const page = { runs, histories, staleness, problems, now: new Date(), maxAgeMs }
        writePage(flags.html, historyPage({ ...page, linkTo: linksFrom(flags.html, reports) }))
      }
      if (flags.json === true) {
        const { due, removed, nextDue } = staleness
        const unsteady = histories.filter(({ isUnsteady }) => isUnsteady).map(({ last }) => last.scenario.location)
        process.stdout.write(
          `${JSON.stringify({ ...{ runs, due, nextDue, removed, unsteady }, exercises: teamHistories(runs), problems })}\n`,
        )
      } else
        process.stdout.write(`${historyLines({ runs, histories, staleness }, styleOf(process.stdout)).join('\n')}\n`)
      for (const problem of problems) process.stderr.write(`${problem}\n`)
      const isStale = flags.failIfStale === true && staleness.due.length > 0
      const exitCode = isStale ? 1 : problems.length > 0 ? 3 : 0
      const gauges = () => historyMetrics(histories, staleness)
      process.exitCode = await publishResult(monitoring, { gauges, exitCode })
    })
}

/** Returns the addresses of the pages of runs, as a page in a file names them. */
function linksFrom(file: string, reports: string): (run: string) => string {
  const folder = relative(dirname(resolve(file)), reports)
  return (run) => [...folder.split(sep), run, 'index.html'].map(encodeURIComponent).filter(Boolean).join('/')
}

function writePage(file: string, text: string): void {
  try {
    writeWhole(file, Buffer.from(text))
  } catch (error) {
    throw writingFailed(file, error)
  }
}

function readIfFound(name: string, folder: string): string | undefined {
  try {
    return readTopologyFile(name, folder)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

function parseMaxAge(text: string): number {
  const ms = parseAgeMs(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be an age, e.g. 24h or 30d.')
  return ms
}
