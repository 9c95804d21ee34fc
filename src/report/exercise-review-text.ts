import { duration } from '../text/duration.ts'
import type { ExerciseReview, ReviewedObjective, ReviewedTimes } from './exercise-review.ts'

/** A time of an exercise, for people. */
export interface TimeRow {
  readonly what: string
  readonly when: string
  /** Empty without a requirement. */
  readonly required: string
}

/** Signers of an after-action report. */
export const reviewSigners = ['Facilitator', 'For the team', 'Approver'] as const

/** Describes the times of an exercise: to detect, to the first right action, to recovery, and to the end. */
export function timeRows({ times, end, clockMs, limitMs }: ExerciseReview): readonly TimeRow[] {
  const required = (ms: number | undefined): string => (ms === undefined ? '' : duration(ms))
  return [
    { what: 'first command', when: at(times.firstCommandMs), required: '' },
    { what: 'to detect: a participant reported what is wrong', when: detected(times), required: '' },
    { what: 'to the first right action: a command that helped', when: at(times.firstRightMs), required: '' },
    {
      what: 'to recovery: all objectives held that are judged at any time',
      when: recovered(times),
      required: required(times.requiredMs),
    },
    {
      what: `to the end: ${end ?? 'the journal ends before'}`,
      when: duration(clockMs),
      required: required(limitMs),
    },
  ]
}

/** Returns a time, or `never`. */
const at = (ms: number | undefined): string => (ms === undefined ? 'never' : duration(ms))

const detected = ({ reportedMs, reportedBy }: ReviewedTimes): string =>
  reportedMs === undefined ? 'not reported' : `${duration(reportedMs)} (${reportedBy})`

function recovered({ recoveredMs, isLasting, requiredMs }: ReviewedTimes): string {
  if (recoveredMs === undefined) return 'never'
  const isLate = requiredMs !== undefined && recoveredMs > requiredMs
  return `${duration(recoveredMs)}${isLate ? ', too late' : ''}${isLasting ? '' : ', and not at the end'}`
}

/** Describes when an objective was met. Empty if it was judged by later steps only. */
export function metText({ metAtMs, withinMs, last }: ReviewedObjective): string {
  if (last === undefined) return ''
  return metAtMs !== undefined && withinMs !== undefined && metAtMs > withinMs
    ? `${duration(metAtMs)}, too late`
    : at(metAtMs)
}

/** Describes why an objective counts as missed. */
function missedText(one: ReviewedObjective): string {
  const met = one.metAtMs === undefined ? 'never met' : `met after ${metText(one)}`
  return one.last === 'holds' ? met : `${met}, and at the end: ${one.last}`
}

export const lastText = ({ last }: ReviewedObjective): string => last ?? 'judged by the steps after the team'

/** Returns what needs a corrective action: what was left wrong, objectives that were missed, and parts that harmed. */
export function deficienciesOf({ leftWrong, objectives, people }: ExerciseReview): readonly string[] {
  const missed = objectives.filter(
    ({ last, metAtMs, withinMs }) =>
      last !== undefined &&
      (last !== 'holds' || metAtMs === undefined || (withinMs !== undefined && metAtMs > withinMs)),
  )
  const harmed = people.reduce((sum, { harmedCount }) => sum + harmedCount, 0)
  return [
    ...leftWrong.map(({ question, places }) => `${question}: ${places.join('; ')}`),
    ...missed.map((one) => `objective "${one.name}": ${missedText(one)}`),
    ...(harmed > 0 ? [`${harmed} ${harmed === 1 ? 'command' : 'commands'} had to be undone`] : []),
  ]
}

/**
 * Returns the heading of what was left wrong. The site looked right if all objectives held at the end that the team could
 * see.
 */
export function leftWrongHeading({ times }: ExerciseReview): string {
  return times.isLasting ? 'Left wrong though it looked right' : 'Left wrong'
}

/** Describes all hints with their prices, e.g. `2 hints, +5 min 00 s`. */
export function hintTotal({ hints }: ExerciseReview): string {
  const priceMs = hints.reduce((sum, one) => sum + one.priceMs, 0)
  return `${hints.length} ${hints.length === 1 ? 'hint' : 'hints'}${priceMs === 0 ? '' : `, +${duration(priceMs)}`}`
}
