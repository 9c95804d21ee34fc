import { fail, pass, type Question, UnjudgeableError } from '../question.ts'
import type { AtPlace, ObservationReader } from './observed.ts'

export interface ExpectedText extends AtPlace {
  readonly text: string
}

export function containsText(subject: string, read: ObservationReader<string>): Question<ExpectedText> {
  return {
    name: `${subject} contains the expected text`,
    judge: (journal, { where, text }) => {
      if (plain(text) === '') throw new UnjudgeableError('the expected text is empty')
      const observed = read(journal, where)
      const { seq, where: place, facts } = observed.at(-1) ?? observed[0]
      return plain(facts).includes(plain(text))
        ? pass(`"${text}" found on ${place}`, [seq])
        : fail(`"${text}" not found on ${place}: ${facts}`, [seq])
    },
  }
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
