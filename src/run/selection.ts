import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import type { DryRun } from './dry-run.ts'

/** The scenarios to run, and the project that they belong to. */
export interface Selection {
  /** The folder with `features/` and, if there is one, Cucumber's configuration. */
  readonly project: string
  /** Files with steps, relative to the project. */
  readonly steps: readonly string[]
  /** True if Cucumber's own configuration may name other files with steps. */
  readonly stepsAreDefault: boolean
  /** The package that the published steps belong to, e.g. `dr-drill 0.1.0`. Undefined if they are not loaded. */
  readonly stepsOf?: string
  /** Added to `this.parameters` of support code, beside what `run` is given. */
  readonly parameters: Readonly<Record<string, string>>
  /** Files, folders, patterns, `file:line`. Empty for all of `features/`. */
  readonly paths: readonly string[]
  /** A tag expression. */
  readonly tags?: string
  /** Regular expressions. A scenario is selected if one of them matches its name. */
  readonly names: readonly string[]
  /** Locations. If given, other scenarios are not selected. */
  readonly only?: readonly string[]
}

/** @throws InputError that lists the paths that match no file */
export function requireFiles({ project, paths }: Selection): void {
  const missing = paths.filter((path) => {
    const file = path.replace(/(:\d+)+$/, '')
    return !existsSync(join(project, file)) && !existsSync(file) && globSync(file, { cwd: project }).length === 0
  })
  if (missing.length > 0) throw new InputError(`no such file: ${missing.join(', ')}`)
}

/** @throws InputError that lists the tags and names that match no scenario, or if no scenario is selected */
export function requireScenarios(selection: Selection, tagExpression: string, dryRun: DryRun): void {
  const where = selection.paths.length > 0 ? selection.paths.join(', ') : 'features/'
  if (dryRun.names.length === 0) throw new InputError(`${where} contains no scenarios`)
  const unknown = [...new Set(requiredTags(tagExpression))].filter((tag) => !dryRun.tags.has(tag))
  if (unknown.length > 0) throw new InputError(`unknown tag ${unknown.join(', ')}: no scenario in ${where} has it`)
  const unmatched = selection.names.filter((name) => !dryRun.names.some((one) => one.match(name)))
  if (unmatched.length > 0) throw new InputError(`no scenario name in ${where} matches ${unmatched.join(', ')}`)
  if (dryRun.scenarioCount === 0) {
    const tags = tagExpression === '' ? '' : ` with the tags ${tagExpression}`
    throw new InputError(`no scenario in ${where}${tags} is selected`)
  }
}

/** The tags that an expression asks for. A tag that it only excludes need not exist. */
function requiredTags(expression: string): readonly string[] {
  const included = expression.replaceAll(/\bnot\s+@(\\.|[^\s()\\])+/g, '')
  return (included.match(/@(\\.|[^\s()\\])+/g) ?? []).map((tag) => tag.replaceAll('\\', ''))
}
