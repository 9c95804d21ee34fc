import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, fail, pass, type Question, UnjudgeableError } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isText } from './facts.ts'
import type { Observed } from './observed.ts'

/** How a runbook ended on one machine. */
export interface RunbookEnd {
  readonly runbook: string
  /** `exited`, `signalled` or `deadline`. */
  readonly ended: string
  readonly exitCode: number | null
  readonly signal: string | null
}

export const runbookEnds = defineObservation('the end of the runbook', isRunbookEnd)
export const runbookOutput = defineObservation('the output of the runbook', isText)

function isRunbookEnd(facts: unknown): facts is RunbookEnd {
  if (typeof facts !== 'object' || facts === null) return false
  const { runbook, ended, exitCode, signal }: Partial<Record<keyof RunbookEnd, unknown>> = facts
  return (
    isText(runbook) &&
    isText(ended) &&
    (exitCode === null || typeof exitCode === 'number') &&
    (signal === null || isText(signal))
  )
}

/**
 * Asks whether the last runbook ended as expected. 0 has to be the exit code on every machine where it ran; another
 * code, or any failure, on at least one.
 */
export const runbookEndsWith: Question<{ readonly exitCode: number | 'not 0' }> = {
  name: 'the runbook ends with the expected exit code',
  judge: (journal, { exitCode }) => {
    const ends = lastEnds(endsIn(journal))
    if (ends.length === 0) throw new UnjudgeableError('no runbook was run')
    const as = ends.filter(({ facts }) => (exitCode === 'not 0' ? facts.exitCode !== 0 : facts.exitCode === exitCode))
    const holds = exitCode === 0 ? as.length === ends.length : as.length > 0
    const sentence = ends.map(sentenceOf).join('; ')
    const evidence = ends.map(({ seq }) => seq)
    return holds ? pass(sentence, evidence) : fail(`${sentence}, expected ${exitCode}`, evidence)
  },
}

/** Returns the failed runbooks that no finding rests on: no step of the scenario examined them. */
export function unexaminedRunbooks(journal: readonly JournalEntry[]): readonly Observed<RunbookEnd>[] {
  const examined = new Set(entriesOf(journal, 'finding').flatMap(({ finding }) => finding.evidence))
  return endsIn(journal).filter(({ seq, facts }) => facts.exitCode !== 0 && !examined.has(seq))
}

/** Asks whether some step examined every runbook that failed. */
export const everyRunbookExamined: Question<Record<never, never>> = {
  name: 'a step examined every failed runbook',
  judge: (journal) => {
    const left = unexaminedRunbooks(journal)
    const ends = endsIn(journal).map(({ seq }) => seq)
    if (left.length === 0) return pass('every failed runbook was examined', ends)
    return fail(
      left.map(sentenceOf).join('; '),
      left.map(({ seq }) => seq),
    )
  },
}

function sentenceOf({ where, facts: { runbook, ended, exitCode, signal } }: Observed<RunbookEnd>): string {
  const how = {
    exited: `exited with ${exitCode}`,
    signalled: `was ended by ${signal}`,
    deadline: 'timed out',
  }
  return `the runbook ${runbook} ${how[ended as keyof typeof how] ?? ended} on ${where}`
}

function endsIn(journal: readonly JournalEntry[]): readonly Observed<RunbookEnd>[] {
  const isAny = entriesOf(journal, 'observation').some(({ subject }) => subject === runbookEnds.subject)
  return isAny ? runbookEnds.observed(journal) : []
}

/** Returns the ends of the last run of a runbook, which may have run on several machines. */
function lastEnds(ends: readonly Observed<RunbookEnd>[]): readonly Observed<RunbookEnd>[] {
  const seen = new Set<string>()
  const last: Observed<RunbookEnd>[] = []
  for (const end of ends.toReversed()) {
    // It runs once on each machine: a second end on the same machine belongs to an earlier run.
    if (seen.has(end.where) || end.facts.runbook !== ends.at(-1)?.facts.runbook) break
    seen.add(end.where)
    last.unshift(end)
  }
  return last
}
