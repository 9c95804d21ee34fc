import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../errors.ts'
import { historyLines } from '../history/history-text.ts'
import { featureFiles, presentFeatures, readRuns } from '../history/read-runs.ts'
import { scenarioHistories } from '../history/scenario-history.ts'
import { stalenessOf } from '../history/staleness.ts'
import { parseAgeMs } from '../input/parse-duration.ts'
import { configName } from '../project/config.ts'
import { ownVersion } from '../project/package.ts'
import { openProject } from '../project/project.ts'
import { styleOf } from '../text/style.ts'
import { selectionOf } from './run-settings.ts'

interface Flags {
  readonly maxAge: number
  readonly tags?: string
  readonly failIfStale?: true
  readonly json?: true
  readonly reports?: string
  readonly config?: string
}

const usualMaxAgeMs = 30 * 24 * 3600_000

/** `history`: the verdicts of past runs, and whether they still hold. */
export function historyCommand(): Command {
  return new Command('history')
    .addOption(
      new Option('--max-age <duration>', 'age at which a verdict expires')
        .argParser(parseMaxAge)
        .default(usualMaxAgeMs, '30d'),
    )
    .option('-t, --tags <expression>', 'tag expression: scenarios that must have a verdict (default: all)')
    .option('--fail-if-stale', 'exit with 1 if a scenario needs a new drill, for cron and monitoring')
    .option('--json', 'print one JSON object')
    .option('--reports <dir>', 'folder of reports (default: reports)')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText(
      'after',
      `
A scenario needs a new drill if its last outcome is not passed, if it passed too
long ago, if its feature file or dr-drill has changed since, or if it is in the
project's features and never ran. A scenario is unsteady if it passed and failed
with the same feature and version.

Examples:
  $ dr-drill history
  $ dr-drill history --max-age 7d --fail-if-stale
  $ dr-drill history --tags "not @full"
  $ dr-drill history --json | jq '.due[].location'

Exit codes: 0 success, 1 a scenario needs a new drill (--fail-if-stale), 2 wrong
input, 3 a journal could not be read.`,
    )
    .action(async (flags: Flags) => {
      const project = openProject(process.cwd(), flags.config)
      const reports = resolve(flags.reports ?? project.config.reports)
      const { runs, problems } = readRuns(reports)
      if (runs.length === 0 && problems.length === 0)
        throw new InputError(`${reports} holds no run`, { remedy: 'Run drills first: dr-drill run' })
      const files = featureFiles(runs)
      // Every other command would wait for Cucumber to load.
      const { findProjectScenarios } = await import('../run/project-scenarios.ts')
      const selection = selectionOf(project, [], { tags: flags.tags ?? '' })
      const { selected, all: scenarios } = await findProjectScenarios(selection, files)
      const histories = scenarioHistories(runs)
      const staleness = stalenessOf(histories, {
        ...{ now: new Date(), maxAgeMs: flags.maxAge, version: ownVersion() },
        ...{ features: presentFeatures(files, project.folder), selected, scenarios },
      })
      if (flags.json === true) {
        const { due, removed } = staleness
        const unsteady = histories.filter(({ isUnsteady }) => isUnsteady).map(({ last }) => last.scenario.location)
        process.stdout.write(`${JSON.stringify({ runs, due, removed, unsteady, problems })}\n`)
      } else
        process.stdout.write(`${historyLines({ runs, histories, staleness }, styleOf(process.stdout)).join('\n')}\n`)
      for (const problem of problems) process.stderr.write(`${problem}\n`)
      if (problems.length > 0) process.exitCode = 3
      if (flags.failIfStale === true && staleness.due.length > 0) process.exitCode = 1
    })
}

function parseMaxAge(text: string): number {
  const ms = parseAgeMs(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be an age, e.g. 24h or 30d.')
  return ms
}
