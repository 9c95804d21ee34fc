import type { JournalEntry } from '../../journal/journal.ts'
import { fail, pass, type Question, UnjudgeableError } from '../question.ts'
import { recordsOfSeries } from '../series.ts'
import { type AtPlace, type ObservationReader, type Observed, showObserved } from './observed.ts'

export interface ExpectedRange extends AtPlace {
  readonly min: number
  readonly max: number
}

export function isInRange(subject: string, read: ObservationReader<number>): Question<ExpectedRange> {
  return {
    name: `${subject} is in the expected range`,
    judge: (journal, { min, max, ...at }) => {
      const observed = read(journal, at)
      const odd = observed.filter(({ facts }) => !(facts >= min && facts <= max))
      const evidence = (ones: readonly Observed<number>[]) => ones.map(({ seq }) => seq)
      return odd.length === 0
        ? pass(showObserved(observed), evidence(observed))
        : fail(`${showObserved(odd)}, expected ${min} to ${max}`, evidence(odd))
    },
  }
}

export interface ExpectedSpeedup {
  /** A node, or `localhost`. Undefined if only one place was observed. */
  readonly where?: string
  readonly times: number
}

export function isFasterThanBefore(
  subject: string,
  history: (journal: readonly JournalEntry[], where?: string) => readonly Observed<number>[],
): Question<ExpectedSpeedup> {
  return {
    name: `${subject} is shorter by the expected factor`,
    judge: (journal, { where, times }) => {
      const all = history(journal, where)
      const last = recordsOfSeries(all)
      const earlier = recordsOfSeries(all.slice(0, all.indexOf(last[0] ?? never(subject))))
      const [before, after] = [only(subject, earlier), only(subject, last)]
      const evidence = [before.seq, after.seq]
      if (before.where !== after.where)
        throw new UnjudgeableError(`${subject} was observed on ${before.where} and on ${after.where}`, evidence)
      if (!(after.facts > 0)) throw new UnjudgeableError(`${subject} is ${after.facts}, which is not a time`, evidence)
      const factor = (before.facts / after.facts).toFixed(1)
      const found = `${before.facts} before and ${after.facts} after, ${factor} times shorter`
      return before.facts >= after.facts * times
        ? pass(found, evidence)
        : fail(`${found}, expected at least ${times} times`, evidence)
    },
  }
}

/** Returns the observation of a series of one. */
function only(subject: string, series: readonly Observed<number>[]): Observed<number> {
  const [one, ...others] = series
  if (one === undefined) throw new UnjudgeableError(`${subject} was observed only once`)
  if (others.length > 0)
    throw new UnjudgeableError(
      `${subject} was observed ${series.length} times at once`,
      series.map(({ seq }) => seq),
    )
  return one
}

function never(subject: string): never {
  throw new UnjudgeableError(`${subject} was not observed`)
}
