import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, fail, pass, type Question } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isText } from './facts.ts'
import type { AtPlace, Observed } from './observed.ts'

/** How a runbook ended on one machine. */
export interface RunbookEnd {
  readonly runbook: string
  /** `exited`, `signaled` or `deadline`. */
  readonly ended: string
  readonly exitCode: number | null
  readonly signal: string | null
}

export const runbookEnds = defineObservation('the end of the runbook', isRunbookEnd)
export const runbookOutput = defineObservation('the output of the runbook', isText, { recordedWith: runbookEnds })

/** A runbook that was run, and the SHA-256 of each file of the project that its command line names. */
export interface RunbookFiles {
  readonly runbook: string
  readonly files: Readonly<Record<string, string>>
}

export const runbookFiles = defineObservation('the files of the runbook', isRunbookFiles, { recordedWith: runbookEnds })

function isRunbookFiles(facts: unknown): facts is RunbookFiles {
  if (typeof facts !== 'object' || facts === null) return false
  const { runbook, files }: Partial<Record<keyof RunbookFiles, unknown>> = facts
  return isText(runbook) && typeof files === 'object' && files !== null && Object.values(files).every(isText)
}

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

export interface ExpectedEnd extends AtPlace {
  readonly exitCode: number | 'not 0'
}

/** Asks whether a runbook ended as expected on each machine of its series: by default, all on which the last one ran. */
export const runbookEndsWith: Question<ExpectedEnd> = {
  name: 'the runbook ends with the expected exit code',
  judge: (journal, { exitCode, ...at }) => {
    const ends = runbookEnds.observed(journal, at)
    const holds = ends.every(({ facts }) => (exitCode === 'not 0' ? facts.exitCode !== 0 : facts.exitCode === exitCode))
    const sentence = ends.map(sentenceOf).join('; ')
    const evidence = ends.map(({ seq }) => seq)
    return holds ? pass(sentence, evidence) : fail(`${sentence}, expected ${exitCode}`, evidence)
  },
}

/** Returns the failed runbooks that no finding rests on: no step of the scenario examined them. */
export function unexaminedRunbooks(journal: readonly JournalEntry[]): readonly Observed<RunbookEnd>[] {
  const examined = new Set(entriesOf(journal, 'finding').flatMap(({ finding }) => finding.evidence))
  return runbookEnds.history(journal).filter(({ seq, facts }) => facts.exitCode !== 0 && !examined.has(seq))
}

/** Asks whether some step examined every runbook that failed. */
export const everyRunbookExamined: Question<Record<never, never>> = {
  name: 'a step examined every failed runbook',
  judge: (journal) => {
    const left = unexaminedRunbooks(journal)
    const ends = runbookEnds.history(journal).map(({ seq }) => seq)
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
    signaled: `was ended by ${signal}`,
    deadline: 'timed out',
    flooded: 'printed more than allowed, and was stopped',
  }
  return `the runbook ${runbook} ${how[ended as keyof typeof how] ?? ended} on ${where}`
}
