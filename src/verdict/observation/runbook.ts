import type { JournalEntry } from '../../journal/journal.ts'
import { type EntryOf, entriesOf, fail, pass, type Question } from '../question.ts'

/** Of the observations that a runbook leaves. */
export const runbookEndSubject = 'how the runbook ended'
export const runbookOutputSubject = 'what the runbook said'

interface End {
  readonly runbook: string
  readonly ended: string
  readonly exitCode: number | null
  readonly signal: string | null
}

type EndEntry = EntryOf<'observation'> & { readonly facts: End }

/** Did the runbook that was carried out last exit with 0 wherever it ran; or with this code anywhere, if one is expected? */
export const runbookEnd: Question<{ readonly exitCode: number | 'not 0' }> = {
  name: 'the runbook ended as expected',
  judge: (journal, { exitCode }) => {
    const ends = lastEnds(journal)
    if (ends.length === 0) throw new Error('no runbook was carried out')
    const as = ends.filter(({ facts }) => (exitCode === 'not 0' ? facts.exitCode !== 0 : facts.exitCode === exitCode))
    const isSo = exitCode === 0 ? as.length === ends.length : as.length > 0
    const sentence = ends.map(sentenceOf).join('; ')
    const evidence = ends.map(({ seq }) => seq)
    return isSo ? pass(sentence, evidence) : fail(`${sentence}, expected ${exitCode}`, evidence)
  },
}

/** Ends of runbooks other than with 0 that no finding rests on: nobody looked at them. */
export function unexaminedRunbooks(journal: readonly JournalEntry[]): readonly EndEntry[] {
  const looked = new Set(entriesOf(journal, 'finding').flatMap(({ finding }) => finding.evidence))
  return endsIn(journal).filter(({ seq, facts }) => facts.exitCode !== 0 && !looked.has(seq))
}

/** Did somebody look at every runbook that did not succeed? */
export const everyRunbookExamined: Question<Record<never, never>> = {
  name: 'every runbook that failed was looked at',
  judge: (journal) => {
    const left = unexaminedRunbooks(journal)
    const all = endsIn(journal).map(({ seq }) => seq)
    if (left.length === 0) return pass('every runbook that failed was looked at', all)
    return fail(
      left.map(sentenceOf).join('; '),
      left.map(({ seq }) => seq),
    )
  },
}

function sentenceOf({ where, facts: { runbook, ended, exitCode, signal } }: EndEntry): string {
  const how = {
    exited: `exited with ${exitCode}`,
    signalled: `was ended by ${signal}`,
    deadline: 'was stopped at its deadline',
  }
  return `the runbook ${runbook} ${how[ended as keyof typeof how] ?? ended} on ${where}`
}

function endsIn(journal: readonly JournalEntry[]): readonly EndEntry[] {
  return entriesOf(journal, 'observation').filter((entry): entry is EndEntry => entry.subject === runbookEndSubject)
}

/** Those of the recovery that was the last one to have a runbook: it may have run on several nodes. */
function lastEnds(journal: readonly JournalEntry[]): readonly EndEntry[] {
  const ends = endsIn(journal)
  const seen = new Set<string>()
  const last: EndEntry[] = []
  for (const end of ends.toReversed()) {
    // It runs once on each: what is there again is an earlier one.
    if (seen.has(end.where) || end.facts.runbook !== ends.at(-1)?.facts.runbook) break
    seen.add(end.where)
    last.unshift(end)
  }
  return last
}
