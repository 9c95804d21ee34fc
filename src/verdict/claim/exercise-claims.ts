import type { ExerciseRecord, JournalEntry, ObjectiveState } from '../../journal/journal.ts'
import { duration } from '../../text/duration.ts'
import {
  type EntryOf,
  entriesOf,
  fail,
  type Judgment,
  pass,
  type Question,
  UnjudgeableError,
  unknown,
} from '../question.ts'

type ExerciseEntry = EntryOf<'exercise'>

/** Returns the events of one kind, oldest first. */
function eventsOf(journal: readonly JournalEntry[], event: ExerciseRecord['event']): readonly ExerciseEntry[] {
  return entriesOf(journal, 'exercise').filter((entry) => entry.event === event)
}

/** True if a team has begun to work. */
export const hasExercise = (journal: readonly JournalEntry[]): boolean => eventsOf(journal, 'began').length > 0

function boundsOf(journal: readonly JournalEntry[]): { readonly began: ExerciseEntry; readonly ended: ExerciseEntry } {
  const [began] = eventsOf(journal, 'began')
  const ended = eventsOf(journal, 'ended').at(-1)
  if (began === undefined) throw new UnjudgeableError('no team has begun to work')
  if (ended === undefined) throw new UnjudgeableError('the work of the team has no end', [began.seq])
  return { began, ended }
}

/** Asks whether the team has finished before the time was up. An exercise that was called off is unknown. */
export const teamFinishes: Question<Record<never, never>> = {
  name: 'the team finishes in time',
  judge: (journal) => {
    const { began, ended } = boundsOf(journal)
    const evidence = [began.seq, ended.seq]
    const took = `${duration(ended.clockMs)} on the clock`
    const limit = began.limitMs === undefined ? '' : ` of ${duration(began.limitMs)}`
    if (ended.end === 'called off') return unknown(`the exercise was called off after ${took}`, evidence)
    if (ended.end === 'time' || (began.limitMs !== undefined && ended.clockMs > began.limitMs))
      return fail(`the time was up after ${took}${limit}`, evidence)
    if (ended.end === 'done' || ended.end === 'objectives met')
      return pass(`the team finished after ${took}${limit}`, evidence)
    return unknown(`the exercise ended in an unknown way: ${ended.end}`, evidence)
  },
}

/** How an objective of an exercise was met. */
interface ObjectiveHistory {
  /** The first time that it held, on the clock. Undefined if it never did. */
  readonly metAtMs?: number
  /** Its state in the last look. Undefined if there was none. */
  readonly last?: ObjectiveState
  readonly evidence: readonly number[]
}

/** Reads the history of an objective. */
function historyOf(journal: readonly JournalEntry[], objective: string): ObjectiveHistory {
  const own = eventsOf(journal, 'objective').filter(({ subject }) => subject === objective)
  const met = own.find(({ state }) => state === 'holds')
  const last = own.at(-1)
  return {
    ...(met !== undefined && { metAtMs: met.clockMs }),
    ...(last?.state !== undefined && { last: last.state }),
    evidence: [met, last].flatMap((entry) => (entry === undefined ? [] : [entry.seq])),
  }
}

/** Asks whether each objective was met in its time, and holds at the end. */
export const objectivesMet: Question<Record<never, never>> = {
  name: 'the objectives of the exercise are met',
  judge: (journal) => {
    const { began, ended } = boundsOf(journal)
    const judged = (began.objectives ?? []).map((one) => {
      const judgment = one.isJudgedLive ? judgeLive(journal, one) : judgeByEnd(ended, one)
      return { ...judgment, sentence: `"${one.name}" ${judgment.sentence}` }
    })
    const evidence = [...new Set([began.seq, ...judged.flatMap((one) => one.evidence), ended.seq])]
    for (const verdict of ['fail', 'unknown'] as const) {
      const bad = judged.filter((one) => one.verdict === verdict)
      if (bad.length > 0) return { verdict, sentence: bad.map(({ sentence }) => sentence).join('; '), evidence }
    }
    return judged.length === 0
      ? unknown('the exercise has no objectives', evidence)
      : pass(judged.map(({ sentence }) => sentence).join('; '), evidence)
  },
}

interface TimedObjective {
  readonly name: string
  readonly withinMs?: number
}

function judgeLive(journal: readonly JournalEntry[], { name, withinMs }: TimedObjective): Judgment {
  const { metAtMs, last, evidence } = historyOf(journal, name)
  if (last === undefined) return unknown('was not looked at', evidence)
  if (last === 'does not hold') return fail('does not hold at the end', evidence)
  if (last === 'unknown' || metAtMs === undefined) return unknown('could not be examined at the end', evidence)
  const met = `was met after ${duration(metAtMs)}`
  if (withinMs !== undefined && metAtMs > withinMs)
    return fail(`${met}, later than the required ${duration(withinMs)}`, evidence)
  return pass(`${met} and holds at the end`, evidence)
}

/** The steps after the team's work judge the rest: without a pass, this question is not asked. */
function judgeByEnd({ clockMs, seq }: ExerciseEntry, { withinMs }: TimedObjective): Judgment {
  const took = `was judged when the team had finished, after ${duration(clockMs)}`
  return withinMs !== undefined && clockMs > withinMs
    ? fail(`${took}, later than the required ${duration(withinMs)}`, [seq])
    : pass(took, [seq])
}
