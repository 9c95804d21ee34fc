import type { Envelope, GherkinDocument, Pickle } from './envelope.ts'

/** The scenario that a drill executes. */
export interface Scenario {
  readonly name: string
  readonly feature: string
  /** `features/…/name.feature:12` */
  readonly location: string
}

/** The file of a scenario: `features/a.feature` of `features/a.feature:12`. */
export const featureOf = (location: string): string => location.replace(/:\d+$/, '')

type Step = { readonly id: string; readonly location: { readonly line: number } }

/** Returns the scenario of a pickle, which is Cucumber's word for it. */
export function scenarioOf(pickle: Pickle, document: GherkinDocument | undefined): Scenario {
  const line = pickle.location?.line
  return {
    name: pickle.name,
    feature: document?.feature?.name ?? pickle.uri,
    location: line === undefined ? pickle.uri : `${pickle.uri}:${line}`,
  }
}

/** Returns the line of each step of a feature, by the id that pickles use for the step. */
export function stepLines(document: GherkinDocument): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const add = (holder: { readonly steps: readonly Step[] } | undefined): void => {
    for (const step of holder?.steps ?? []) lines.set(step.id, step.location.line)
  }
  for (const child of document.feature?.children ?? []) {
    add(child.background)
    add(child.scenario)
    for (const inner of child.rule?.children ?? []) {
      add(inner.background)
      add(inner.scenario)
    }
  }
  return lines
}

/** Finds the scenarios in a stream of envelopes, by the id of the started test case. */
export class ScenarioIndex {
  readonly #documents = new Map<string | undefined, GherkinDocument>()
  readonly #pickles = new Map<string, Pickle>()
  readonly #pickleOfCase = new Map<string, string>()
  readonly #caseOfStarted = new Map<string, string>()

  update({ gherkinDocument, pickle, testCase, testCaseStarted }: Envelope): void {
    if (gherkinDocument !== undefined) this.#documents.set(gherkinDocument.uri, gherkinDocument)
    if (pickle !== undefined) this.#pickles.set(pickle.id, pickle)
    if (testCase !== undefined) this.#pickleOfCase.set(testCase.id, testCase.pickleId)
    if (testCaseStarted !== undefined) this.#caseOfStarted.set(testCaseStarted.id, testCaseStarted.testCaseId)
  }

  scenario(testCaseStartedId: string): Scenario {
    const pickleId = this.#pickleOfCase.get(this.#caseOfStarted.get(testCaseStartedId) ?? '')
    const pickle = this.#pickles.get(pickleId ?? '')
    if (pickle === undefined) throw new Error(`no scenario belongs to the test case ${testCaseStartedId}`)
    return scenarioOf(pickle, this.#documents.get(pickle.uri))
  }
}
