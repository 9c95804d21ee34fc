import type { GherkinDocument, Pickle } from '../../journal/envelope.ts'

/** The text of a step in its feature file. */
export interface StepSource {
  readonly keyword: string
  readonly line: number
  readonly isBackground: boolean
}

/** The parts of a feature file around a scenario. */
export interface ScenarioSource {
  readonly description: string
  readonly rule?: string
}

type Child = NonNullable<GherkinDocument['feature']>['children'][number]
type Holder = Pick<Child, 'background' | 'scenario'>

/** Returns the steps of a feature by the ids that pickles use. */
export function stepSources(document: GherkinDocument | undefined): ReadonlyMap<string, StepSource> {
  const sources = new Map<string, StepSource>()
  for (const { background, scenario } of holdersOf(document)) {
    for (const { id, keyword, location } of background?.steps ?? [])
      sources.set(id, { keyword: keyword.trim(), line: location.line, isBackground: true })
    for (const { id, keyword, location } of scenario?.steps ?? [])
      sources.set(id, { keyword: keyword.trim(), line: location.line, isBackground: false })
  }
  return sources
}

/** Returns the text around the scenario of a pickle. */
export function scenarioSource(pickle: Pickle, document: GherkinDocument | undefined): ScenarioSource {
  for (const child of document?.feature?.children ?? []) {
    for (const { scenario } of [child, ...(child.rule?.children ?? [])]) {
      if (scenario === undefined || !pickle.astNodeIds.includes(scenario.id)) continue
      return { description: scenario.description, ...(child.rule === undefined ? {} : { rule: child.rule.name }) }
    }
  }
  return { description: '' }
}

function holdersOf(document: GherkinDocument | undefined): readonly Holder[] {
  return (document?.feature?.children ?? []).flatMap((child) => [child, ...(child.rule?.children ?? [])])
}
