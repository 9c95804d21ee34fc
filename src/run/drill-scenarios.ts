import type { Run } from '../drill/run-context.ts'
import { DrillError } from '../errors.ts'
import { bounded, type Envelope } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { errorEvent } from '../journal/outcome.ts'
import { ScenarioIndex } from '../journal/scenario.ts'
import type { SuiteRun } from './cucumber-project.ts'
import { exitCodeOfRun } from './exit-code.ts'
import type { ScenarioRunner } from './suite.ts'

/** Runs scenarios one after another in this process, and records Cucumber's envelopes in the journal. */
export async function drillScenarios(
  runner: ScenarioRunner,
  run: Run,
  options: Omit<SuiteRun, 'onEnvelope'>,
): Promise<void> {
  const { journal } = run
  const before = journal.entries().length
  const success = await runner.run({
    ...options,
    onEnvelope: envelopeRecorder(run, (envelope) => journal.append({ kind: 'envelope', envelope: bounded(envelope) })),
  })
  // Cucumber also fails for reasons that no drill records, such as a hook around all scenarios.
  const own = journal.entries().slice(before)
  if (!success && exitCodeOfRun(own) === 0) {
    journal.append(errorEvent(new DrillError('failure', 'hook-failed', failedHook(own))))
  }
}

/** Returns a listener that records envelopes, and scenarios that never became a drill as not run, with the reason. */
export function envelopeRecorder(run: Run, record: (envelope: Envelope) => void): (envelope: Envelope) => void {
  const index = new ScenarioIndex()
  let drillsBefore = 0
  return (envelope) => {
    record(envelope)
    index.update(envelope)
    run.backgrounds.update(envelope)
    if (envelope.testCaseStarted !== undefined) drillsBefore = run.drillCount
    if (envelope.testCaseFinished !== undefined && run.drillCount === drillsBefore) {
      const why = run.whyStopped ?? 'an earlier scenario failed (--fail-fast)'
      run.skip(index.scenario(envelope.testCaseFinished.testCaseStartedId), why)
    }
  }
}

function failedHook(entries: readonly JournalEntry[]): string {
  const messages = entries.flatMap((entry) => {
    const hook = entry.kind === 'envelope' ? (entry.envelope as Envelope).testRunHookFinished : undefined
    return hook?.result.status === 'FAILED' ? [hook.result.message ?? 'no message'] : []
  })
  return messages[0] ?? 'Cucumber reports a failure that belongs to no scenario'
}
