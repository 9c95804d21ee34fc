import { backgroundOf } from '../drill/background.ts'
import type { Envelope, GherkinDocument, Pickle, PickleTable } from '../journal/envelope.ts'
import { scenarioOf, stepLines } from '../journal/scenario.ts'
import { nearestWording } from './step-wording.ts'

/** A step of a selected scenario, and the definitions that match it. */
export interface PlannedStep {
  readonly text: string
  /** The id of its scenario in the run. */
  readonly scenario: string
  /** `features/…/name.feature:12` */
  readonly location: string
  readonly definitionIds: readonly string[]
  /** Its data table, if it has one. */
  readonly table?: PickleTable
}

/** What a dry run shows about the features. */
export interface DryRun {
  /** Tags and names of all scenarios in the files, selected or not. */
  readonly tags: ReadonlySet<string>
  readonly names: readonly string[]
  /** Number of selected scenarios. */
  readonly scenarioCount: number
  /** Keys of backgrounds that can be shared, by the location of the scenario. */
  readonly backgrounds: ReadonlyMap<string, string>
  /** Locations of scenarios that must not run beside others. */
  readonly isolated: ReadonlySet<string>
  /** The steps of the selected scenarios. */
  readonly steps: readonly PlannedStep[]
  /** Why the selected scenarios cannot be run, each with its place. */
  readonly problems: readonly string[]
}

/** Cucumber-JVM's tag: https://github.com/cucumber/cucumber-jvm/tree/main/cucumber-junit-platform-engine */
const isolatedTag = '@isolated'

/**
 * Reads the envelopes of a dry run.
 * @param stepsOf the package whose published steps are loaded, e.g. `dr-drill 0.1.0`
 */
export function readDryRun(envelopes: readonly Envelope[], stepsOf?: string): DryRun {
  const { pickles, documents, wordings, places, snippets } = indexEnvelopes(envelopes)
  const steps: PlannedStep[] = []
  const undefinedSteps: UndefinedStep[] = []
  const backgrounds = new Map<string, string>()
  const isolated = new Set<string>()
  const problems = envelopes.flatMap(({ undefinedParameterType: type }) =>
    type === undefined ? [] : [`unknown parameter type {${type.name}} in the step "${type.expression}"`],
  )
  const cases = envelopes.flatMap(({ testCase }) => (testCase === undefined ? [] : [testCase]))
  for (const { pickleId, testSteps } of cases) {
    const pickle = pickles.get(pickleId)
    const document = documents.get(pickle?.uri)
    if (pickle === undefined || document === undefined) continue
    const lines = stepLines(document)
    const { location: scenario } = scenarioOf(pickle, document)
    const background = backgroundOf(pickle, document)
    if (background !== undefined) backgrounds.set(scenario, background.key)
    if (pickle.tags.some(({ name }) => name === isolatedTag)) isolated.add(scenario)
    if (pickle.steps.length === 0) problems.push(`${scenario}: "${pickle.name}" has no steps`)
    for (const { pickleStepId, stepDefinitionIds: definitionIds = [] } of testSteps) {
      const step = pickle.steps.find(({ id }) => id === pickleStepId)
      if (step === undefined) continue
      const { text, argument, id, astNodeIds } = step
      const location = `${pickle.uri}:${lines.get(astNodeIds[0] ?? '') ?? '?'}`
      const table = argument?.dataTable
      steps.push({ text, scenario: pickleId, location, definitionIds, ...(table && { table }) })
      if (definitionIds.length === 0) undefinedSteps.push({ text, location, snippet: snippets.get(id) ?? '' })
      if (definitionIds.length > 1) {
        const found = definitionIds.map((one) => `\n  ${places.get(one)}`).join('')
        problems.push(`${location}: ambiguous step "${text}" matches${found}`)
      }
    }
  }
  const all = [...pickles.values()]
  return {
    tags: new Set(all.flatMap(({ tags }) => tags.map(({ name }) => name))),
    names: all.map(({ name }) => name),
    scenarioCount: cases.length,
    backgrounds,
    isolated,
    steps,
    problems: [...new Set([...problems, ...describeUndefined(undefinedSteps, wordings, stepsOf)])],
  }
}

interface UndefinedStep {
  readonly text: string
  readonly location: string
  /** Cucumber's suggestion for its definition. */
  readonly snippet: string
}

/** Describes each undefined step once, with all of its places and the wording that comes nearest. */
function describeUndefined(
  steps: readonly UndefinedStep[],
  wordings: readonly string[],
  stepsOf: string | undefined,
): readonly string[] {
  if (steps.length === 0) return []
  const problems = [...Map.groupBy(steps, ({ text }) => text)].map(([text, same]) => {
    const places = [...new Set(same.map(({ location }) => location))].join(', ')
    const nearest = nearestWording(text, wordings)
    const suggestion = nearest === undefined ? '' : `: did you mean "${nearest}"?`
    const snippet = (same[0]?.snippet ?? '').replaceAll(/^(?=.)/gm, '  ')
    return `${places}: undefined step "${text}"${suggestion}\n${snippet}`
  })
  // The feature may have been written for the steps of another version.
  return [
    ...problems,
    stepsOf === undefined ? 'the steps of dr-drill are not loaded' : `the steps of ${stepsOf} are loaded`,
  ]
}

interface EnvelopeIndex {
  readonly pickles: ReadonlyMap<string, Pickle>
  readonly documents: ReadonlyMap<string | undefined, GherkinDocument>
  /** The wordings of all step definitions. */
  readonly wordings: readonly string[]
  /** The wording and place of a step definition, by its id. */
  readonly places: ReadonlyMap<string, string>
  /** By the id of the pickle's step. */
  readonly snippets: ReadonlyMap<string, string>
}

function indexEnvelopes(envelopes: readonly Envelope[]): EnvelopeIndex {
  const pickles = new Map<string, Pickle>()
  const documents = new Map<string | undefined, GherkinDocument>()
  const wordings: string[] = []
  const places = new Map<string, string>()
  const snippets = new Map<string, string>()
  for (const { pickle, gherkinDocument, stepDefinition, suggestion } of envelopes) {
    if (pickle !== undefined) pickles.set(pickle.id, pickle)
    if (gherkinDocument !== undefined) documents.set(gherkinDocument.uri, gherkinDocument)
    if (suggestion !== undefined) snippets.set(suggestion.pickleStepId, suggestion.snippets[0]?.code ?? '')
    if (stepDefinition !== undefined) {
      const { uri, location } = stepDefinition.sourceReference
      wordings.push(stepDefinition.pattern.source)
      places.set(stepDefinition.id, `${stepDefinition.pattern.source}  (${uri}:${location?.line})`)
    }
  }
  return { pickles, documents, wordings, places, snippets }
}
