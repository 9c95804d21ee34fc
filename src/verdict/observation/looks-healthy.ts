import { fail, pass, type Question, unknown } from '../question.ts'
import { observationsOf } from './observations.ts'

/** Did a tool that was observed by its exit code look healthy? It proves nothing else, which is why it is asked. */
export const looksHealthy: Question<{ readonly subject: string }> = {
  name: 'the tool still looks healthy',
  judge: (journal, { subject }) => {
    const observations = observationsOf(journal, { subject })
    const evidence = observations.map(({ seq }) => seq)
    const codes = observations.map(({ facts }) => (facts as { exitCode?: unknown } | null)?.exitCode)
    if (codes.some((code) => code !== null && typeof code !== 'number')) {
      return unknown(`${subject} was observed without an exit code`, evidence)
    }
    const bad = observations.filter((_, index) => codes[index] !== 0)
    if (bad.length > 0)
      return fail(`${subject} does not exit with 0 on ${bad.map(({ where }) => where).join(', ')}`, evidence)
    return pass(`${subject} exits with 0, ${observations.length} of ${observations.length} times`, evidence)
  },
}
