import { closingLine } from '../report/run-overview.ts'
import { duration, longDuration } from '../text/duration.ts'
import { counted } from '../text/plural.ts'
import { printable } from '../text/printable.ts'
import type { Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { teamHistories } from './past-exercise.ts'
import { exerciseLines } from './past-exercise-text.ts'
import type { RunRecord } from './run-record.ts'
import type { ScenarioHistory } from './scenario-history.ts'
import type { NamedScenario } from './scenario-key.ts'
import type { Staleness } from './staleness.ts'

export interface HistoryText {
  readonly runs: readonly RunRecord[]
  readonly histories: readonly ScenarioHistory[]
  readonly staleness: Staleness
}

const maxRuns = 20

/** Returns the lines that `history` prints: the last runs, what changed, and the scenarios that need a new drill. */
export function historyLines({ runs, histories, staleness }: HistoryText, style: Style): readonly string[] {
  const { due, removed, count, nextDue } = staleness
  const shown = runs.slice(-maxRuns)
  const hidden = runs.length - shown.length
  const columns = [
    { heading: 'RUN' },
    { heading: 'STARTED' },
    { heading: 'TIME', align: 'right' as const },
    { heading: 'RESULT' },
    { heading: 'CHANGES', overflow: 'wrap' as const },
  ]
  const rows = shown.map((run, nth) => [
    run.run,
    run.startedAt.slice(0, 16).replace('T', ' '),
    duration(run.durationMs),
    `${closingLine(run)}${run.exitCode === undefined ? ', killed' : ''}`,
    printable(changesSince(runs.slice(0, hidden + nth), run).join(', ')),
  ])
  const exercises = exerciseLines(teamHistories(runs), style)
  const unsteady = histories.filter(({ isUnsteady }) => isUnsteady)
  return [
    ...(hidden > 0 ? [`${counted(hidden, 'older run')} not shown`] : []),
    ...table(columns, rows, { style }),
    ...exercises,
    ...section(
      'Unsteady: passed and failed with the same feature, steps and version',
      unsteady.map(({ last }) => titleOf(last.scenario)),
    ),
    ...section('Removed from their feature since they ran', removed.map(titleOf)),
    ...section('Objectives in the last run of each scenario', histories.flatMap(objectiveLines)),
    ...section(
      'Need a new drill',
      due.map((one) => `${titleOf(one)}: ${one.reasons.join('; ')}`),
    ),
    '',
    `${counted(count, 'scenario')}, ${due.length === 0 ? 'all verdicts hold' : `${counted(due.length, 'needs', 'need')} a new drill`}`,
    ...(nextDue === undefined ? [] : [`The next verdict expires on ${nextDue.slice(0, 10)}.`]),
  ]
}

/** Returns how the outcomes of a run differ from the last ones before it. */
export function changesSince(before: readonly RunRecord[], run: RunRecord): readonly string[] {
  const last = new Map(before.flatMap(({ scenarios }) => scenarios.map((one) => [one.key, one.outcome] as const)))
  const of = (isChange: (was: string | undefined, is: string) => boolean) =>
    run.scenarios.filter(({ key, outcome }) => isChange(last.get(key), outcome)).length
  const counts = [
    [of((was, is) => was === 'passed' && is === 'failed'), 'fails now'],
    [of((was, is) => was === 'passed' && is === 'unknown'), 'unknown now'],
    [of((was, is) => was !== undefined && was !== 'passed' && is === 'passed'), 'passes again'],
    [before.length === 0 ? 0 : of((was) => was === undefined), 'new'],
  ] as const
  return counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []))
}

/** Required and measured, now and in the execution before. */
function objectiveLines({ executions, last: { scenario } }: ScenarioHistory): readonly string[] {
  const before = executions.at(-2)?.scenario.objectives ?? []
  const text = (ms: number | undefined) => (ms === undefined ? 'not measured' : longDuration(ms))
  return scenario.objectives.map(({ title, requiredMs, measuredMs, verdict }) => {
    const was = before.find((one) => one.title === title)
    const change = was === undefined ? '' : `, ${text(was.measuredMs)} the time before`
    return `${titleOf(scenario)}: ${title} ${verdict}: ${text(measuredMs)}, required ${text(requiredMs)}${change}`
  })
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${printable(line)}`)]
}

const titleOf = ({ location, name }: NamedScenario): string => `${location}  ${name}`
