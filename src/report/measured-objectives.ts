import type { Finding, JournalEntry } from '../journal/journal.ts'
import { duration, longDuration } from '../text/duration.ts'
import {
  type Measurement,
  measureLoss,
  measureRecovery,
  recoveryPoint,
  recoveryTime,
} from '../verdict/claim/objectives.ts'

/** An objective that a drill was held against, and what it measured. */
export interface MeasuredObjective {
  readonly drill: string
  readonly name: 'recovery time' | 'recovery point'
  /** Undefined for the drill as a whole. */
  readonly workload?: string
  readonly requiredMs: number
  /** Undefined if it could not be measured. */
  readonly measuredMs?: number
  /** The points of time that the clock ran between, ISO 8601, UTC. */
  readonly from?: string
  readonly to?: string
  readonly verdict: Finding['verdict']
  /** The sentence of the finding. */
  readonly sentence: string
}

interface ObjectiveKind {
  readonly name: MeasuredObjective['name']
  readonly limit: 'withinMs' | 'atMostMs'
  readonly measure: (journal: readonly JournalEntry[], workload?: string) => Measurement | undefined
}

const kinds: ReadonlyMap<string, ObjectiveKind> = new Map([
  [recoveryTime.name, { name: 'recovery time', limit: 'withinMs', measure: measureRecovery }],
  [recoveryPoint.name, { name: 'recovery point', limit: 'atMostMs', measure: measureLoss }],
])

/** True if a question is about an objective. */
export const isObjective = (question: string): boolean => kinds.has(question)

/**
 * Returns what a drill was held against: the expectation of each objective, and its finding, which follows it.
 * @param entries of one drill
 */
export function objectivesOfDrill(entries: readonly JournalEntry[]): readonly MeasuredObjective[] {
  return entries.flatMap((entry, index): readonly MeasuredObjective[] => {
    if (entry.kind !== 'expectation') return []
    const kind = kinds.get(entry.question)
    const judged = entries.slice(index + 1).find((one) => one.kind === 'finding')
    if (kind === undefined || judged?.kind !== 'finding' || judged.finding.question !== entry.question) return []
    const expected = (entry.expected ?? {}) as Readonly<Record<string, unknown>>
    const { [kind.limit]: requiredMs, workload } = expected
    if (typeof requiredMs !== 'number') return []
    const of = typeof workload === 'string' ? workload : undefined
    const measured = kind.measure(entries.slice(0, index), of)
    const { verdict, sentence } = judged.finding
    return [
      {
        drill: entry.drill ?? '',
        name: kind.name,
        ...(of !== undefined && { workload: of }),
        requiredMs,
        ...(measured && { measuredMs: measured.tookMs, from: measured.from, to: measured.to }),
        ...{ verdict, sentence },
      },
    ]
  })
}

/** `recovery time of "web"` */
export const objectiveTitle = ({ name, workload }: MeasuredObjective): string =>
  workload === undefined ? name : `${name} of "${workload}"`

/** `at most 15 min 00 s` */
export const requiredText = ({ name, requiredMs }: MeasuredObjective): string =>
  `at most ${name === 'recovery time' ? duration(requiredMs) : longDuration(requiredMs)}`

/** `3 min 05 s`, or that it is not known. */
export function measuredText({ name, measuredMs }: MeasuredObjective): string {
  if (measuredMs === undefined) return 'not measured'
  return name === 'recovery time' ? duration(measuredMs) : longDuration(measuredMs)
}
