import { fail, pass, type Question, UnjudgeableError } from '../question.ts'
import type { AtPlace, ObservationReader } from './observed.ts'

export interface ExpectedRange extends AtPlace {
  readonly min: number
  readonly max: number
}

export function isInRange(subject: string, read: ObservationReader<number>): Question<ExpectedRange> {
  return {
    name: `${subject} is in the expected range`,
    judge: (journal, { where, min, max }) => {
      const observed = read(journal, where)
      const { seq, where: place, facts } = observed.at(-1) ?? observed[0]
      const found = `${facts} on ${place}`
      return facts >= min && facts <= max ? pass(found, [seq]) : fail(`${found}, expected ${min} to ${max}`, [seq])
    },
  }
}

export interface ExpectedSpeedup extends AtPlace {
  readonly times: number
}

export function isFasterThanBefore(subject: string, read: ObservationReader<number>): Question<ExpectedSpeedup> {
  return {
    name: `${subject} is shorter by the expected factor`,
    judge: (journal, { where, times }) => {
      const [before, after] = read(journal, where).slice(-2)
      if (before === undefined || after === undefined) throw new UnjudgeableError(`${subject} was observed only once`)
      const evidence = [before.seq, after.seq]
      if (!(after.facts > 0)) throw new UnjudgeableError(`${subject} is ${after.facts}, which is not a time`, evidence)
      const factor = (before.facts / after.facts).toFixed(1)
      const found = `${before.facts} before and ${after.facts} after, ${factor} times shorter`
      return before.facts >= after.facts * times
        ? pass(found, evidence)
        : fail(`${found}, expected at least ${times} times`, evidence)
    },
  }
}
