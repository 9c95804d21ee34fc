import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { featureOf } from '../journal/scenario.ts'
import type { Objectives } from '../verdict/claim/objectives.ts'
import { CucumberProject } from './cucumber-project.ts'
import type { Selection } from './selection.ts'

/** The words of features and steps that objectives can be about. */
export interface ObjectiveWords {
  readonly tags: ReadonlySet<string>
  /** Names in quotes and in cells of tables. Workloads have such names, and other things too. */
  readonly names: ReadonlySet<string>
  /** The text of steps that a project has of its own: they may name workloads. */
  readonly code: string
}

/** Returns the words of features and of steps. Comments of features have none. */
export function objectiveWords(features: readonly string[], steps: readonly string[]): ObjectiveWords {
  const lines = features.flatMap((text) => text.split(/\r?\n/)).filter((line) => !/^\s*#/.test(line))
  const tags = lines.flatMap((line) => (/^\s*@/.test(line) ? (line.split(/\s#/)[0]?.match(/@[^\s@]+/g) ?? []) : []))
  const quoted = lines.flatMap((line) => [...line.matchAll(/"([^"]+)"|'([^']+)'/g)].map(([, a, b]) => a ?? b ?? ''))
  const cells = lines.flatMap((line) => (/^\s*\|/.test(line) ? line.split('|').map((cell) => cell.trim()) : []))
  return { tags: new Set(tags), names: new Set([...quoted, ...cells].filter(Boolean)), code: steps.join('\n') }
}

/** Returns a sentence for each tag and workload of objectives that no feature knows, with the nearest that one does. */
export function unknownObjectives({ tags, workloads }: Objectives, words: ObjectiveWords): readonly string[] {
  const meant = (text: string, known: Iterable<string>) => {
    const found = nearest(text, known)
    return found === undefined ? '' : ` (did you mean ${found}?)`
  }
  return [
    ...Object.keys(tags ?? {})
      .filter((tag) => !words.tags.has(tag))
      .map((tag) => `objectives.tags: no scenario has the tag ${tag}${meant(tag, words.tags)}`),
    ...Object.keys(workloads ?? {})
      .filter((name) => !words.names.has(name) && !words.code.includes(name))
      .map((name) => `objectives.workloads: no feature names the workload ${name}${meant(name, words.names)}`),
  ]
}

/**
 * Refuses objectives of tags and workloads that are in no feature of the project: nothing would be held against them.
 * @param whole all scenarios of the project
 * @param selected locations of scenarios that are about to run. If they know all of them, no other is looked at
 * @param source the configuration, for messages
 * @throws InputError that lists them
 */
export async function requireKnownObjectives(
  objectives: Objectives,
  whole: Selection,
  selected: readonly string[],
  source: string,
): Promise<void> {
  if (objectives.tags === undefined && objectives.workloads === undefined) return
  const steps = whole.steps.map((file) => read(whole.project, file))
  const unknownIn = (locations: readonly string[]) => {
    const files = [...new Set(locations.map(featureOf))]
    return unknownObjectives(
      objectives,
      objectiveWords(
        files.map((file) => read(whole.project, file)),
        steps,
      ),
    )
  }
  if (unknownIn(selected).length === 0) return
  const all = await (await CucumberProject.open(whole)).select()
  const problems = unknownIn([...selected, ...all.map(({ location }) => location)])
  if (problems.length > 0) throw new InputError(problems.map((problem) => `${source}: ${problem}`).join('\n'))
}

const read = (project: string, file: string): string => readFileSync(resolve(project, file), 'utf8')
