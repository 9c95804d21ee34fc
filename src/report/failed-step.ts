import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { ScenarioIndex } from '../journal/scenario.ts'
import { StepTexts } from './step-texts.ts'

/** Returns the text of the first failed step of a scenario. Undefined if a hook failed, or nothing. */
export function failedStep(entries: readonly JournalEntry[], location: string): string | undefined {
  const steps = new StepTexts()
  const scenarios = new ScenarioIndex()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const envelope = entry.envelope as Envelope
    steps.update(envelope)
    const { testStepFinished } = envelope
    scenarios.update(envelope)
    if (testStepFinished?.testStepResult.status !== 'FAILED') continue
    // Other scenarios may run in parallel.
    if (scenarios.scenario(testStepFinished.testCaseStartedId).location !== location) continue
    return steps.text(testStepFinished.testStepId)
  }
  return undefined
}
