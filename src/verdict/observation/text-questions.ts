import { fail, pass, type Question, UnjudgeableError } from '../question.ts'
import { type AtPlace, type ObservationReader, placesOf } from './observed.ts'

export interface ExpectedText extends AtPlace {
  readonly text: string
}

export function containsText(subject: string, read: ObservationReader<string>): Question<ExpectedText> {
  return {
    name: `${subject} contains the expected text`,
    judge: (journal, { text, ...at }) => {
      if (plain(text) === '') throw new UnjudgeableError('the expected text is empty')
      const observed = read(journal, at)
      const without = observed.filter(({ facts }) => !plain(facts).includes(plain(text)))
      if (without.length === 0) {
        return pass(
          `"${text}" found on ${[...placesOf(observed)].join(', ')}`,
          observed.map(({ seq }) => seq),
        )
      }
      return fail(
        without.map(({ where, facts }) => `"${text}" not found on ${where}: ${facts}`).join('; '),
        without.map(({ seq }) => seq),
      )
    },
  }
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
