import { backgroundOf } from '../drill/background.ts'
import type { Envelope, GherkinDocument, Pickle, PickleTable } from '../journal/envelope.ts'
import { scenarioOf, stepLines } from '../journal/scenario.ts'
import { nearestWording } from './step-wording.ts'

/** A step of a scenario that is to run, and what it was matched with. */
export interface PlannedStep {
  readonly text: string
  /** Which scenario of the run it is a step of. */
  readonly scenario: string
  /** `features/…/name.feature:12` */
  readonly location: string
  readonly definitionIds: readonly string[]
  /** Its data table, if it has one. */
  readonly table?: PickleTable
}

/** What a dry run has shown of the features. */
export interface DryRun {
  /** Tags and names of all scenarios in the files, chosen or not. */
  readonly tags: ReadonlySet<string>
  readonly names: readonly string[]
  readonly scenarioCount: number
  /** Keys of backgrounds that can be shared, by the location of the scenario. */
  readonly backgrounds: ReadonlyMap<string, string>
  /** Locations of the scenarios that ask to be drilled while no other is. */
  readonly isolated: ReadonlySet<string>
  /** The steps of the scenarios that were chosen. */
  readonly steps: readonly PlannedStep[]
  /** What keeps the chosen scenarios from being run, each with its place; empty when nothing does. */
  readonly problems: readonly string[]
}

/** Cucumber-JVM's name for it: https://github.com/cucumber/cucumber-jvm/tree/main/cucumber-junit-platform-engine */
const isolatedTag = '@isolated'

/**
 * Reads the envelopes of a dry run.
 * @param stepsOf whose published steps were loaded, e.g. `dr-drill 0.1.0`
 */
export function readDryRun(envelopes: readonly Envelope[], stepsOf?: string): DryRun {
  const pickles = new Map<string, Pickle>()
  const documents = new Map<string | undefined, GherkinDocument>()
  const definitions = new Map<string, string>()
  const wordings: string[] = []
  const snippets = new Map<string, string>()
  for (const { pickle, gherkinDocument, stepDefinition, suggestion } of envelopes) {
    if (pickle !== undefined) pickles.set(pickle.id, pickle)
    if (gherkinDocument !== undefined) documents.set(gherkinDocument.uri, gherkinDocument)
    if (suggestion !== undefined) snippets.set(suggestion.pickleStepId, suggestion.snippets[0]?.code ?? '')
    if (stepDefinition !== undefined) {
      const { uri, location } = stepDefinition.sourceReference
      wordings.push(stepDefinition.pattern.source)
      definitions.set(stepDefinition.id, `${stepDefinition.pattern.source}  (${uri}:${location?.line})`)
    }
  }
  const steps: PlannedStep[] = []
  const backgrounds = new Map<string, string>()
  const isolated = new Set<string>()
  const problems = envelopes.flatMap(({ undefinedParameterType: type }) =>
    type === undefined ? [] : [`no parameter type {${type.name}}, which the step "${type.expression}" uses`],
  )
  const undefinedPlaces = new Map<string, { places: string[]; snippet: string }>()
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
    if (pickle.steps.length === 0)
      problems.push(`${pickle.uri}:${pickle.location?.line}: "${pickle.name}" has no steps`)
    for (const { pickleStepId, stepDefinitionIds = [] } of testSteps) {
      const step = pickle.steps.find(({ id }) => id === pickleStepId)
      if (step === undefined) continue
      const location = `${pickle.uri}:${lines.get(step.astNodeIds[0] ?? '') ?? '?'}`
      const table = step.argument?.dataTable
      steps.push({
        text: step.text,
        scenario: pickleId,
        location,
        definitionIds: stepDefinitionIds,
        ...(table && { table }),
      })
      if (stepDefinitionIds.length === 0) {
        const known = undefinedPlaces.get(step.text)
        if (known === undefined) {
          undefinedPlaces.set(step.text, { places: [location], snippet: snippets.get(step.id) ?? '' })
        } else if (!known.places.includes(location)) known.places.push(location)
      }
      if (stepDefinitionIds.length > 1) {
        const found = stepDefinitionIds.map((id) => `\n  ${definitions.get(id)}`).join('')
        problems.push(`${location}: ambiguous step "${step.text}" matches${found}`)
      }
    }
  }
  for (const [text, { places, snippet }] of undefinedPlaces) {
    const meant = nearestWording(text, wordings)
    const did = meant === undefined ? '' : `: did you mean "${meant}"?`
    problems.push(`${places.join(', ')}: undefined step "${text}"${did}\n${snippet.replaceAll(/^(?=.)/gm, '  ')}`)
  }
  if (undefinedPlaces.size > 0) {
    // A feature may have been written for the steps of another version.
    problems.push(`${stepsOf === undefined ? 'no' : `the`} steps of ${stepsOf ?? 'dr-drill itself'} are loaded`)
  }
  const all = [...pickles.values()]
  return {
    tags: new Set(all.flatMap(({ tags }) => tags.map(({ name }) => name))),
    names: all.map(({ name }) => name),
    scenarioCount: cases.length,
    backgrounds,
    isolated,
    steps,
    problems: [...new Set(problems)],
  }
}
