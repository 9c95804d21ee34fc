import { fail, pass, type Question } from '../question.ts'
import { observationsOf } from './observations.ts'

/** Does the text that was observed last have these words in it? White space does not matter. */
export const mentioned: Question<{ readonly subject: string; readonly text: string }> = {
  name: 'what was observed has these words in it',
  judge: (journal, { subject, text }) => {
    const last = observationsOf(journal, { subject }).at(-1)
    if (typeof last?.facts !== 'string') throw new Error(`${subject} was not observed as text`)
    const plain = (words: string): string => words.replace(/\s+/g, ' ').trim()
    if (plain(text) === '') throw new Error('no words were expected')
    return plain(last.facts).includes(plain(text))
      ? pass(`${subject} has "${text}" in it`, [last.seq])
      : fail(`${subject} does not have "${text}" in it: ${last.facts}`, [last.seq])
  },
}
