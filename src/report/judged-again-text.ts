import { printable } from '../text/printable.ts'
import { type DrillAgain, hasChanged, type JudgedAgain } from '../verdict/judge-again.ts'

/** Returns what changed in each drill: the verdict then and now, each with its sentence. */
export function judgedAgainLines(drills: readonly DrillAgain[]): readonly string[] {
  return drills.flatMap(({ name, location, outcome = 'not ended', claims }) => {
    const lines = claims.filter((claim) => hasChanged(claim) || claim.now === undefined).flatMap(claimLines)
    return lines.length === 0 ? [] : [printable(`${name}  (${location}), ${outcome}`), ...lines, '']
  })
}

function claimLines({ question, then, now }: JudgedAgain): readonly string[] {
  const texts =
    now === undefined
      ? ['this version does not know the question: it cannot be judged again']
      : [
          then === undefined ? 'then: not judged' : `then: ${then.verdict}: ${then.sentence}`,
          `now:  ${now.verdict}: ${now.sentence}`,
        ]
  return [`  ${printable(question)}`, ...texts.map((text) => `    ${printable(text)}`)]
}
