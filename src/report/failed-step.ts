import type { Envelope } from '../drill/envelope.ts'
import type { JournalEntry } from '../drill/journal.ts'
import { StepTexts } from './step-texts.ts'

/** The first step that failed, as it is written in the feature; undefined when a hook failed, or nothing. */
export function failedStep(entries: readonly JournalEntry[]): string | undefined {
  const steps = new StepTexts()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const envelope = entry.envelope as Envelope
    steps.update(envelope)
    const { testStepFinished } = envelope
    if (testStepFinished?.testStepResult.status === 'FAILED') return steps.text(testStepFinished.testStepId)
  }
  return undefined
}
