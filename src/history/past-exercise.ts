import type { ExerciseEnd, JournalEntry, Outcome } from '../journal/journal.ts'
import { type ExerciseReview, exerciseReview } from '../report/exercise-review.ts'

/** An exercise in one run, as its team played it. Times are on its clock, and undefined for what never happened. */
export interface PastExercise {
  /** The name in `exercise list`, or else the title. */
  readonly exercise: string
  /** Undefined for a team without a name. */
  readonly team?: string
  readonly people: readonly string[]
  /** Undefined if the run was killed before. */
  readonly end?: ExerciseEnd
  readonly clockMs: number
  /** When a participant reported what is wrong. */
  readonly detectedMs?: number
  /** The first command that helped. */
  readonly firstRightMs?: number
  readonly recoveredMs?: number
  /** True if what was recovered held until the end of the work. */
  readonly isLasting: boolean
  readonly hintCount: number
  readonly hintPriceMs: number
  /** What the hidden checks found wrong. */
  readonly leftWrong: readonly string[]
}

/** The exercise of a team in one run. */
export interface PlayedExercise extends PastExercise {
  readonly run: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly outcome: Outcome
}

/** One exercise that a team has played, the oldest run first. */
export interface TeamHistory {
  readonly exercise: string
  readonly team?: string
  readonly played: readonly PlayedExercise[]
}

/** Returns the exercise of one drill. Undefined if no team worked in it. */
export function pastExercise(entries: readonly JournalEntry[]): PastExercise | undefined {
  const review = exerciseReview(entries)
  return review === undefined ? undefined : recordOf(review)
}

function recordOf(review: ExerciseReview): PastExercise {
  const { title, exercise = title, team, people, end, clockMs, times, hints, leftWrong } = review
  const { reportedMs, firstRightMs, recoveredMs, isLasting } = times
  return {
    ...{ exercise, people: people.map((person) => person.title), clockMs, isLasting },
    ...(team !== undefined && { team }),
    ...(end !== undefined && { end }),
    ...(reportedMs !== undefined && { detectedMs: reportedMs }),
    ...(firstRightMs !== undefined && { firstRightMs }),
    ...(recoveredMs !== undefined && { recoveredMs }),
    hintCount: hints.length,
    hintPriceMs: hints.reduce((sum, { priceMs }) => sum + priceMs, 0),
    leftWrong: leftWrong.map(({ question, places }) => `${question}: ${places.join('; ')}`),
  }
}

/** A run, as far as exercises need it. */
interface RunWithExercises {
  readonly run: string
  readonly startedAt: string
  readonly scenarios: readonly { readonly outcome: Outcome; readonly exercise?: PastExercise }[]
}

/** Returns the exercises in runs, by exercise and team. */
export function teamHistories(runs: readonly RunWithExercises[]): readonly TeamHistory[] {
  const all = runs
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .flatMap(({ run, startedAt, scenarios }) =>
      scenarios.flatMap(({ outcome, exercise }): readonly PlayedExercise[] =>
        exercise === undefined ? [] : [{ run, startedAt, outcome, ...exercise }],
      ),
    )
  const groups = Map.groupBy(all, ({ exercise, team = '' }) => JSON.stringify([exercise, team]))
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, played]) => {
      const [first] = played
      if (first === undefined) return []
      const { exercise, team } = first
      return [{ exercise, ...(team !== undefined && { team }), played }]
    })
}
