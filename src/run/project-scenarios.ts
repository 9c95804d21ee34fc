import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { featureOf } from '../journal/scenario.ts'
import { CucumberProject } from './cucumber-project.ts'
import type { Selection } from './selection.ts'

/** A scenario of a project as its features are now. */
interface FoundScenario {
  readonly name: string
  /** `features/a.feature:12` */
  readonly location: string
}

/** The scenarios of a project as its features are now. */
export interface ProjectScenarios {
  /** Those that are selected. */
  readonly selected: readonly FoundScenario[]
  /** All of their files, and of the other files that were asked for. */
  readonly all: readonly FoundScenario[]
  /** The SHA-256 of the project's own steps, and of what they import, by path. */
  readonly code: Readonly<Record<string, string>>
}

/**
 * Finds the scenarios of a project without loading its steps.
 * @param files features outside the selection. Those that do not exist are left out
 * @throws InputError if a feature does not parse
 */
export async function findProjectScenarios(
  selection: Selection,
  files: readonly string[] = [],
): Promise<ProjectScenarios> {
  const cucumber = await CucumberProject.open(selection)
  const selected = await cucumber.select()
  const existing = files.filter((file) => existsSync(join(selection.project, file)))
  const wanted = [...new Set([...selected.map(({ location }) => featureOf(location)), ...existing])]
  const all = wanted.length === 0 ? [] : await cucumber.scenariosIn(wanted)
  return { selected, all, code: cucumber.code }
}
