import type { Envelope } from '../journal/envelope.ts'

/** The texts of steps, by the ids in Cucumber's events. */
export class StepTexts {
  readonly #ofPickleStep = new Map<string, string>()
  readonly #ofTestStep = new Map<string, string>()

  update({ pickle, testCase }: Envelope): void {
    for (const { id, text } of pickle?.steps ?? []) this.#ofPickleStep.set(id, text)
    for (const { id, pickleStepId } of testCase?.testSteps ?? []) {
      const text = this.#ofPickleStep.get(pickleStepId ?? '')
      if (text !== undefined) this.#ofTestStep.set(id, text)
    }
  }

  /** Returns the text of a step. Undefined for a hook. */
  text(testStepId: string): string | undefined {
    return this.#ofTestStep.get(testStepId)
  }
}
