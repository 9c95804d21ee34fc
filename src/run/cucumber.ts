import { existsSync, globSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { DataTable } from '@cucumber/cucumber'
import {
  type IRunConfiguration,
  type ISourcesCoordinates,
  loadConfiguration,
  loadSources,
  loadSupport,
  runCucumber,
} from '@cucumber/cucumber/api'
import { DrillError, InputError } from '../errors.ts'
import type { Envelope } from '../journal/envelope.ts'
import { type DryRun, readDryRun } from './dry-run.ts'
import { PlannedNodes } from './planned-nodes.ts'

/** Which scenarios of which project. */
export interface Selection {
  /** The directory with `features/` and, if there is one, Cucumber's configuration. */
  readonly project: string
  /** Files with steps, relative to the project. */
  readonly steps: readonly string[]
  /** Cucumber's own configuration may name other files with steps. */
  readonly stepsAreDefault: boolean
  /** Whose published steps are among them, for messages: `dr-drill 0.1.0`. */
  readonly stepsOf?: string
  /** What support code finds in `this.parameters`, beside what is given to `run`. */
  readonly parameters: Readonly<Record<string, string>>
  /** Files, directories, patterns, `file:line`; none for all of `features/`. */
  readonly paths: readonly string[]
  /** A tag expression. */
  readonly tags?: string
  /** Regular expressions; a scenario whose name one matches is chosen. */
  readonly names: readonly string[]
}

export interface SuiteRun {
  readonly failFast: boolean
  /** What support code finds in `this.parameters`. */
  readonly parameters: Readonly<Record<string, string>>
  readonly onEnvelope: (envelope: Envelope) => void
  /** Only these of the suite's scenarios: `features/a.feature:12:20`. */
  readonly only?: readonly string[]
  /** Run no code at all: every step is skipped. */
  readonly skip?: boolean
}

export interface PlannedScenario {
  readonly name: string
  /** `features/a.feature:12` */
  readonly location: string
  /** The key of its background, if it has one that can be shared. */
  readonly background?: string
  /** It has the tag `@isolated`: no other is to be drilled meanwhile. */
  readonly isIsolated?: true
}

/** Scenarios that are known to be runnable. */
export interface Suite {
  readonly scenarios: readonly PlannedScenario[]
  /** Runs them one after another in this thread. False when Cucumber found that something failed. */
  run(options: SuiteRun): Promise<boolean>
}

/**
 * Finds what is to be run and makes sure that it can be, before anything starts: files, tags and names that match
 * nothing, features that do not parse, steps that are undefined or ambiguous, values that no parameter type takes.
 * Support code is imported, so this can be done once in a process for each project.
 * @throws InputError
 */
export async function prepare(selection: Selection): Promise<Suite> {
  const environment = { cwd: selection.project, stdout: discard(), stderr: discard(), env: process.env }
  const configuration = await configure(selection, environment)
  assertFilesExist(selection)
  const { sources } = configuration
  const { plan, errors } = await attempt('cannot choose scenarios', () => loadSources(sources, environment))
  if (errors.length > 0) {
    throw new InputError(errors.map(({ uri, message }) => `${uri} does not parse: ${message}`).join('\n'))
  }
  const support = await attempt('cannot load the steps', () => loadSupport(configuration, environment))
  const envelopes: Envelope[] = []
  const runtime = { ...configuration.runtime, parallel: 0, retry: 0 }
  const quiet = { stdout: 'message', files: {}, publish: false as const, options: configuration.formats.options }
  const dry = { ...configuration, support, formats: quiet, runtime: { ...runtime, dryRun: true } }
  await attempt('cannot match the steps', () => runCucumber(dry, environment, (envelope) => envelopes.push(envelope)))
  const dryRun = readDryRun(envelopes, selection.stepsOf)
  assertSelected(selection, sources, dryRun)
  const problems = [...dryRun.problems, ...(await unreadableValues(support, dryRun, selection))]
  if (problems.length > 0) throw new InputError(problems.join('\n'))
  return {
    scenarios: plan.map(({ name, uri, location: { line } }) => {
      const location = `${uri}:${line}`
      const background = dryRun.backgrounds.get(location)
      return {
        name,
        location,
        ...(background === undefined ? {} : { background }),
        ...(dryRun.isolated.has(location) ? { isIsolated: true } : {}),
      }
    }),
    run: async ({ failFast, parameters, onEnvelope, only, skip = false }) => {
      const options = {
        ...runtime,
        dryRun: skip,
        failFast,
        worldParameters: { ...runtime.worldParameters, ...selection.parameters, ...parameters },
      }
      const chosen = only === undefined ? sources : { ...sources, paths: [...only] }
      const wet = { ...configuration, sources: chosen, support, formats: quiet, runtime: options }
      const { success } = await runCucumber(wet, { ...environment, stderr: process.stderr }, onEnvelope)
      return success
    },
  }
}

type Environment = NonNullable<Parameters<typeof loadSupport>[1]> & { readonly cwd: string }

async function configure(selection: Selection, environment: Environment): Promise<IRunConfiguration> {
  const provided = {
    paths: [...selection.paths],
    name: [...selection.names],
    ...(selection.tags === undefined ? {} : { tags: selection.tags }),
  }
  const { runConfiguration } = await attempt("cannot read Cucumber's configuration", () =>
    loadConfiguration({ provided }, environment),
  )
  const { support } = runConfiguration
  const { importPaths = [], requirePaths = [] } = support
  const isNamedThere = importPaths.length + requirePaths.length > 0
  const own =
    selection.stepsAreDefault && isNamedThere ? { importPaths, requirePaths } : { importPaths: selection.steps }
  return {
    ...runConfiguration,
    support: {
      ...support,
      requirePaths: [],
      ...own,
      importPaths: [drillSupport(selection.project), ...own.importPaths],
    },
  }
}

/** Has the extension of this file: sources in a checkout, JavaScript once it is published. */
function drillSupport(project: string): string {
  return relative(project, join(import.meta.dirname, `support${extname(import.meta.filename)}`))
}

function assertFilesExist({ project, paths }: Selection): void {
  const missing = paths.filter((path) => {
    const file = path.replace(/(:\d+)+$/, '')
    return !existsSync(join(project, file)) && !existsSync(file) && globSync(file, { cwd: project }).length === 0
  })
  if (missing.length > 0) throw new InputError(`no such file: ${missing.join(', ')}`)
}

function assertSelected(selection: Selection, sources: ISourcesCoordinates, dryRun: DryRun): void {
  const where = selection.paths.length > 0 ? selection.paths.join(', ') : 'features/'
  if (dryRun.names.length === 0) throw new InputError(`there are no scenarios in ${where}`)
  // Leaving out what is not there is harmless; asking for it is a slip of the pen.
  const asked = sources.tagExpression.replaceAll(/\bnot\s+@(\\.|[^\s()\\])+/g, '').match(/@(\\.|[^\s()\\])+/g) ?? []
  const unknown = asked.map((tag) => tag.replaceAll('\\', '')).filter((tag) => !dryRun.tags.has(tag))
  if (unknown.length > 0)
    throw new InputError(`unknown tag ${[...new Set(unknown)].join(', ')}: no scenario in ${where} bears it`)
  const unmatched = selection.names.filter((name) => !dryRun.names.some((one) => one.match(name)))
  if (unmatched.length > 0) throw new InputError(`no scenario in ${where} is named like ${unmatched.join(', ')}`)
  if (dryRun.scenarioCount === 0) {
    const tags = sources.tagExpression === '' ? '' : ` with the tags ${sources.tagExpression}`
    throw new InputError(`no scenario in ${where}${tags} is chosen`)
  }
}

/** The part of Cucumber's support code library that formatters get to see. */
interface StepDefinitions {
  readonly stepDefinitions: readonly {
    readonly id: string
    /** The file that it is in. */
    readonly uri: string
    readonly expression: { match(text: string): readonly { getValue(world: unknown): unknown }[] | null }
    /** The one place of a definition in which Cucumber keeps what is not its own. */
    readonly options: { readonly wrapperOptions?: { readonly readTable?: (table: DataTable) => unknown } }
  }[]
}

/** Values in steps that their parameter type refuses, e.g. a share without a slash, and tables: each with its place. */
async function unreadableValues(
  support: unknown,
  { steps }: DryRun,
  { project, parameters }: Selection,
): Promise<readonly string[]> {
  const byId = new Map((support as StepDefinitions).stepDefinitions.map((one) => [one.id, one]))
  const problems: string[] = []
  const plans = new Map<string, PlannedNodes>()
  for (const { text, scenario, location, definitionIds, table } of steps) {
    const definition = byId.get(definitionIds[0] ?? '')
    const values = definition?.expression.match(text) ?? []
    const planned = plans.get(scenario) ?? new PlannedNodes()
    plans.set(scenario, planned)
    if (definition !== undefined && !isPublished(resolve(project, definition.uri))) planned.doubt()
    const reads = values.map((value) => () => value.getValue({ parameters, planned }))
    const readTable = definition?.options.wrapperOptions?.readTable
    if (table !== undefined && readTable !== undefined) reads.push(() => readTable(new DataTable(table)))
    for (const read of reads) {
      try {
        await read()
      } catch (error) {
        // Anything else may only fail because there is no real world yet: the step itself will tell.
        if (error instanceof InputError)
          problems.push(
            [`${location}: ${error.message}`, ...(error.remedy === undefined ? [] : [`  ${error.remedy}`])].join('\n'),
          )
      }
    }
  }
  return [...new Set(problems)]
}

/** Whether it is one of dr-drill's own files of steps, of which it is known what they bring up. */
function isPublished(file: string): boolean {
  return dirname(file) === join(import.meta.dirname, '../../steps')
}

/** What Cucumber and imported code throw here is about the user's input; its cause says more than its message. */
async function attempt<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DrillError) throw error
    const root = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new InputError(`${what}: ${root instanceof Error ? root.message : String(root)}`, { cause: error })
  }
}

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
