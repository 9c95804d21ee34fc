import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { featureOf } from '../journal/scenario.ts'
import { CucumberProject, type SuiteRun } from './cucumber-project.ts'
import { readDryRun } from './dry-run.ts'
import { pathsOf } from './locations.ts'
import { requireFiles, requireScenarios, type Selection } from './selection.ts'
import { refusedValues } from './step-values.ts'

export interface PlannedScenario {
  readonly name: string
  /** `features/a.feature:12` */
  readonly location: string
  /** The key of its background. Undefined if it has none that can be shared. */
  readonly background?: string
  /** True if it has the tag `@isolated`: no other scenario may run at the same time. */
  readonly isIsolated?: true
}

/** Runs scenarios one after another in this thread. Resolves with false if Cucumber reports a failure. */
export interface ScenarioRunner {
  run(options: SuiteRun): Promise<boolean>
}

/** Scenarios that can be run. */
export interface Suite extends ScenarioRunner {
  readonly scenarios: readonly PlannedScenario[]
  /** Locations in `Selection.only` where there is no scenario any more. */
  readonly missing: readonly string[]
  /** The SHA-256 of the project's own steps, and of what they import, by path. */
  readonly code: Readonly<Record<string, string>>
}

/**
 * Finds the selected scenarios, and checks that they can be run before anything starts: files, tags and names that match
 * nothing, features that do not parse, steps that are undefined or ambiguous, values that a parameter type refuses.
 * Imports support code, so it works once in a process for each project.
 * @throws InputError
 */
export async function prepareSuite(selection: Selection): Promise<Suite> {
  const { only, project } = selection
  const files = [...new Set(only?.map(featureOf))].filter((file) => existsSync(join(project, file)))
  const cucumber = await CucumberProject.open(selection.paths.length === 0 ? { ...selection, paths: files } : selection)
  requireFiles(selection)
  const selected = (await cucumber.select()).filter(({ location }) => only?.includes(location) ?? true)
  const missing = only === undefined ? [] : await missingScenarios(only, files, cucumber)
  const run = (options: SuiteRun): Promise<boolean> =>
    cucumber.run(only === undefined ? options : { only: pathsOf(selected.map(({ location }) => location)), ...options })
  if (only !== undefined && selected.length === 0) return { scenarios: [], missing, code: {}, run }
  const paths = only === undefined ? undefined : pathsOf(selected.map(({ location }) => location))
  const dryRun = readDryRun(await cucumber.dryRun(paths), selection.stepsOf)
  if (only === undefined) requireScenarios(selection, cucumber.tagExpression, dryRun)
  const { code } = cucumber
  const problems = [...dryRun.problems, ...(await refusedValues(await cucumber.support, dryRun.steps, selection))]
  if (problems.length > 0) throw new InputError(problems.join('\n'))
  const scenarios = selected.map(({ name, location }): PlannedScenario => {
    const background = dryRun.backgrounds.get(location)
    return {
      name,
      location,
      ...(background === undefined ? {} : { background }),
      ...(dryRun.isolated.has(location) ? { isIsolated: true } : {}),
    }
  })
  return { scenarios, missing, code, run }
}

/** Opens the same scenarios in a worker, whose parent has checked them. @throws InputError */
export async function openRunner(selection: Selection): Promise<ScenarioRunner> {
  const cucumber = await CucumberProject.open(selection)
  await cucumber.support
  return cucumber
}

async function missingScenarios(
  locations: readonly string[],
  files: readonly string[],
  cucumber: CucumberProject,
): Promise<readonly string[]> {
  const existing = files.length === 0 ? [] : await cucumber.scenariosIn(files)
  return locations.filter((one) => !existing.some(({ location }) => location === one))
}
