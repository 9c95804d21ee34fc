import type { Envelope } from '../drill/envelope.ts'
import type { JournalEntry } from '../drill/journal.ts'

/** The first step that failed, as it is written in the feature; undefined when a hook failed, or nothing. */
export function failedStep(entries: readonly JournalEntry[]): string | undefined {
  const texts = new Map<string, string>()
  const textOfStep = new Map<string, string>()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const { pickle, testCase, testStepFinished } = entry.envelope as Envelope
    for (const step of pickle?.steps ?? []) texts.set(step.id, step.text)
    for (const { id, pickleStepId } of testCase?.testSteps ?? []) {
      const text = texts.get(pickleStepId ?? '')
      if (text !== undefined) textOfStep.set(id, text)
    }
    if (testStepFinished?.testStepResult.status === 'FAILED') return textOfStep.get(testStepFinished.testStepId)
  }
  return undefined
}
