import type { ExerciseEnd, JournalEntry, ObjectiveState } from '../journal/journal.ts'
import {
  byPerson,
  type ExerciseEntry,
  type PersonReview,
  type ReviewedCommand,
  recoveryOf,
  reviewedCommands,
} from './exercise-commands.ts'
import { exerciseTimeline, type TimelineLine } from './exercise-timeline.ts'
import { type LeftWrong, leftWrong } from './left-wrong.ts'

/** An objective of an exercise, for the review after it. */
export interface ReviewedObjective {
  readonly name: string
  readonly withinMs?: number
  /** The first time that it held, on the clock. Undefined if it never did, or was judged at the end only. */
  readonly metAtMs?: number
  /** Undefined for an objective that only later steps of the scenario judged. */
  readonly last?: ObjectiveState
}

export interface ReviewedHint {
  readonly clockMs: number
  readonly number: string
  readonly text: string
  /** Undefined for a hint that the facilitator gave to all. */
  readonly person?: string
  readonly priceMs: number
}

/** Times on the clock of the exercise. Undefined for what never happened. */
export interface ReviewedTimes {
  /** When a participant reported what is wrong, and who. */
  readonly reportedMs?: number
  readonly reportedBy?: string
  readonly firstCommandMs?: number
  /** The first command that helped. */
  readonly firstRightMs?: number
  /** The first time that all objectives held that are judged at any time. */
  readonly recoveredMs?: number
  /** True if they held in the last look, too. */
  readonly isLasting: boolean
  /** The time in which they had to hold: the longest of theirs, or else the limit of the exercise. */
  readonly requiredMs?: number
}

/** The content of an after-action review of an exercise. */
export interface ExerciseReview {
  readonly title: string
  /** The name in `exercise list`. Undefined in the oldest journals. */
  readonly exercise?: string
  /** Undefined for a team without a name. */
  readonly team?: string
  readonly people: readonly PersonReview[]
  readonly limitMs?: number
  /** Undefined if the journal ends before the exercise did. */
  readonly end?: ExerciseEnd
  readonly clockMs: number
  readonly times: ReviewedTimes
  readonly objectives: readonly ReviewedObjective[]
  readonly commands: readonly ReviewedCommand[]
  readonly hints: readonly ReviewedHint[]
  readonly timeline: readonly TimelineLine[]
  /** What the hidden checks found, after the work of the team. */
  readonly leftWrong: readonly LeftWrong[]
  readonly lookAt: readonly string[]
}

/** Derives the review from the entries of one drill. Undefined if no team worked in it. */
export function exerciseReview(entries: readonly JournalEntry[]): ExerciseReview | undefined {
  const own = entries.filter((entry): entry is ExerciseEntry => entry.kind === 'exercise')
  const began = own.find(({ event }) => event === 'began')
  if (began === undefined) return undefined
  const ended = own.findLast(({ event }) => event === 'ended')
  const commands = reviewedCommands(own)
  const hints = own.flatMap(hintOf)
  const { exercise, team, limitMs, people = [], lookAt = [] } = began
  return {
    title: began.text ?? '',
    ...(exercise !== undefined && { exercise }),
    ...(team !== undefined && { team }),
    people: byPerson(people, commands, hints),
    ...(limitMs !== undefined && { limitMs }),
    ...(ended?.end !== undefined && { end: ended.end }),
    clockMs: own.at(-1)?.clockMs ?? 0,
    times: timesOf(own, began, commands),
    objectives: (began.objectives ?? []).map((one) => objectiveOf(own, one)),
    commands,
    hints,
    timeline: exerciseTimeline(own, commands),
    leftWrong: ended === undefined ? [] : leftWrong(entries, ended.seq),
    lookAt,
  }
}

function timesOf(
  own: readonly ExerciseEntry[],
  { objectives = [], limitMs }: ExerciseEntry,
  commands: readonly ReviewedCommand[],
): ReviewedTimes {
  const live = objectives.filter(({ isJudgedLive }) => isJudgedLive)
  const recovery = recoveryOf(
    own,
    live.map(({ name }) => name),
  )
  const reported = own.find(({ event }) => event === 'reported')
  const firstCommandMs = commands[0]?.clockMs
  const firstRightMs = commands.find(({ effect }) => effect === 'helped')?.clockMs
  const bounds = live.flatMap(({ withinMs }) => (withinMs === undefined ? [] : [withinMs]))
  const requiredMs = bounds.length > 0 ? Math.max(...bounds) : limitMs
  return {
    ...(reported !== undefined && { reportedMs: reported.clockMs, reportedBy: reported.person ?? '' }),
    ...(firstCommandMs !== undefined && { firstCommandMs }),
    ...(firstRightMs !== undefined && { firstRightMs }),
    ...(recovery.atMs !== undefined && { recoveredMs: recovery.atMs }),
    isLasting: recovery.isLasting,
    ...(requiredMs !== undefined && { requiredMs }),
  }
}

function objectiveOf(
  own: readonly ExerciseEntry[],
  { name, withinMs }: { readonly name: string; readonly withinMs?: number },
): ReviewedObjective {
  const looks = own.filter(({ event, subject }) => event === 'objective' && subject === name)
  const metAtMs = looks.find(({ state }) => state === 'holds')?.clockMs
  const last = looks.at(-1)?.state
  return {
    name,
    ...(withinMs !== undefined && { withinMs }),
    ...(metAtMs !== undefined && { metAtMs }),
    ...(last !== undefined && { last }),
  }
}

function hintOf({
  event,
  clockMs,
  subject = '',
  text = '',
  person,
  priceMs = 0,
}: ExerciseEntry): readonly ReviewedHint[] {
  if (event !== 'hint') return []
  return [{ clockMs, number: subject, text, priceMs, ...(person !== undefined && { person }) }]
}
