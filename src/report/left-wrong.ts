import type { Finding, JournalEntry } from '../journal/journal.ts'
import { objectivesMet, teamFinishes } from '../verdict/claim/exercise-claims.ts'

/** A claim of the hidden checks that does not hold, or could not be judged. */
export interface LeftWrong {
  readonly verdict: Finding['verdict']
  readonly question: string
  /** What was found where: the failed restores of each node, or the sentence of the finding. */
  readonly places: readonly string[]
}

/** A step after the work of the team. */
export interface HiddenCheck {
  readonly text: string
  readonly result: 'passed' | 'failed' | 'unknown' | 'not reached'
}

/** A step as far as hidden checks need it. */
export interface StepOfDrill {
  readonly keyword: string
  readonly text: string
  readonly status: 'passed' | 'failed' | 'skipped' | 'not reached'
  /** `seq` of the entries that it wrote. */
  readonly entries: readonly number[]
}

/** Claims about the exercise itself, which a review shows elsewhere. */
const ownClaims: ReadonlySet<string> = new Set([teamFinishes.name, objectivesMet.name])

const maxPlaceChars = 300

/** Returns what the checks after the work of the team found wrong. @param endedSeq of the end of that work */
export function leftWrong(entries: readonly JournalEntry[], endedSeq: number): readonly LeftWrong[] {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]))
  return entries.flatMap((entry) => {
    if (entry.kind !== 'finding' || entry.seq < endedSeq || entry.finding.verdict === 'pass') return []
    const { verdict, question, sentence, evidence } = entry.finding
    if (ownClaims.has(question)) return []
    const restores = failedRestores(evidence.flatMap((seq) => bySeq.get(seq) ?? []))
    return [{ verdict, question, places: restores.length > 0 ? restores : [shortened(sentence)] }]
  })
}

/** `recovery/compute-2: 8 restores failed (image missing)` */
function failedRestores(evidence: readonly JournalEntry[]): readonly string[] {
  const failed = evidence.flatMap((entry) =>
    entry.kind === 'restore' && entry.restore.outcome === 'failed' ? [entry.restore] : [],
  )
  const groups = Map.groupBy(
    failed,
    ({ node, reason }) => `${reason?.node ?? node}\n${reason?.kind ?? 'unknown reason'}`,
  )
  return [...groups].map(([key, { length }]) => {
    const [node, kind] = key.split('\n')
    return `${node}: ${length} ${length === 1 ? 'restore' : 'restores'} failed (${kind})`
  })
}

/** Returns the steps after the one in which the team worked. */
export function hiddenChecks(steps: readonly StepOfDrill[], entries: readonly JournalEntry[]): readonly HiddenCheck[] {
  const began = entries.find((entry) => entry.kind === 'exercise' && entry.event === 'began')?.seq ?? -1
  const team = steps.findIndex((step) => step.entries.includes(began))
  if (team === -1) return []
  const isUnknown = new Set(
    entries.flatMap((entry) => (entry.kind === 'finding' && entry.finding.verdict === 'unknown' ? [entry.seq] : [])),
  )
  return steps
    .slice(team + 1)
    .filter(({ keyword }) => keyword !== '')
    .map(({ text, status, entries: own }) => {
      if (status === 'skipped') return { text, result: 'not reached' }
      return { text, result: status === 'failed' && own.some((seq) => isUnknown.has(seq)) ? 'unknown' : status }
    })
}

const shortened = (text: string): string => (text.length > maxPlaceChars ? `${text.slice(0, maxPlaceChars)} …` : text)
