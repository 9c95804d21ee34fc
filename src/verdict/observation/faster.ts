import { fail, pass, type Question } from '../question.ts'
import { observationsOf } from './observations.ts'

/** Of a time that was observed twice, with something changed in between: was the second so many times shorter? */
export const faster: Question<{ readonly subject: string; readonly where?: string; readonly times: number }> = {
  name: 'the second time is so many times shorter than the first',
  judge: (journal, { subject, where, times }) => {
    const [first, second] = observationsOf(journal, { subject, where }).slice(-2)
    if (first === undefined || second === undefined) throw new Error(`${subject} was not observed twice`)
    const [before, after] = [first.facts, second.facts]
    if (typeof before !== 'number' || typeof after !== 'number' || !(after > 0))
      throw new Error(`${subject} is not a time`)
    const found = `${subject} was ${before} ms and then ${after} ms: ${(before / after).toFixed(1)} times`
    const evidence = [first.seq, second.seq]
    return before >= after * times ? pass(found, evidence) : fail(`${found}, expected ${times}`, evidence)
  },
}
