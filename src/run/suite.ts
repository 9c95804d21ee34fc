import { Writable } from 'node:stream'
import { loadSources, loadSupport, runCucumber } from '@cucumber/cucumber/api'
import { InputError } from '../errors.ts'
import type { Envelope } from '../journal/envelope.ts'
import { cucumberConfiguration, inputErrorsOf } from './cucumber-configuration.ts'
import { readDryRun } from './dry-run.ts'
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

/** Scenarios that can be run. */
export interface Suite {
  readonly scenarios: readonly PlannedScenario[]
  /** Runs them one after another in this thread. Resolves with false if Cucumber reports a failure. */
  run(options: SuiteRun): Promise<boolean>
}

export interface SuiteRun {
  readonly failFast: boolean
  /** Added to `this.parameters` of support code. */
  readonly parameters: Readonly<Record<string, string>>
  readonly onEnvelope: (envelope: Envelope) => void
  /** Runs only these scenarios: `features/a.feature:12:20`. */
  readonly only?: readonly string[]
  /** Skips every step without running any code. */
  readonly skip?: boolean
}

/**
 * Finds the selected scenarios, and checks that they can be run before anything starts: files, tags and names that match
 * nothing, features that do not parse, steps that are undefined or ambiguous, values that a parameter type refuses.
 * Imports support code, so it works once in a process for each project.
 * @throws InputError
 */
export async function prepareSuite(selection: Selection): Promise<Suite> {
  const environment = { cwd: selection.project, stdout: discard(), stderr: discard(), env: process.env }
  const configuration = await cucumberConfiguration(selection, environment)
  requireFiles(selection)
  const { sources } = configuration
  const { plan, errors } = await inputErrorsOf('cannot select scenarios', () => loadSources(sources, environment))
  if (errors.length > 0) {
    throw new InputError(errors.map(({ uri, message }) => `cannot parse ${uri}: ${message}`).join('\n'))
  }
  const support = await inputErrorsOf('cannot load the steps', () => loadSupport(configuration, environment))
  const envelopes: Envelope[] = []
  const runtime = { ...configuration.runtime, parallel: 0, retry: 0 }
  const formats = { stdout: 'message', files: {}, publish: false as const, options: configuration.formats.options }
  const dry = { ...configuration, support, formats, runtime: { ...runtime, dryRun: true } }
  await inputErrorsOf('cannot match the steps', () =>
    runCucumber(dry, environment, (envelope) => envelopes.push(envelope)),
  )
  const dryRun = readDryRun(envelopes, selection.stepsOf)
  requireScenarios(selection, sources.tagExpression, dryRun)
  const problems = [...dryRun.problems, ...(await refusedValues(support, dryRun.steps, selection))]
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
      const worldParameters = { ...runtime.worldParameters, ...selection.parameters, ...parameters }
      const options = { ...runtime, dryRun: skip, failFast, worldParameters }
      const chosen = only === undefined ? sources : { ...sources, paths: [...only] }
      const wet = { ...configuration, sources: chosen, support, formats, runtime: options }
      const { success } = await runCucumber(wet, { ...environment, stderr: process.stderr }, onEnvelope)
      return success
    },
  }
}

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
