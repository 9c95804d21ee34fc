import { Writable } from 'node:stream'
import {
  type IRunConfiguration,
  type ISourcesCoordinates,
  loadSources,
  loadSupport,
  runCucumber,
} from '@cucumber/cucumber/api'
import { InputError } from '../errors.ts'
import type { Envelope } from '../journal/envelope.ts'
import { type CucumberEnvironment, cucumberConfiguration, inputErrorsOf } from './cucumber-configuration.ts'
import { ownCode } from './own-code.ts'
import type { Selection } from './selection.ts'

type Support = Awaited<ReturnType<typeof loadSupport>>

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

/** Cucumber, configured for one project. Its steps can be imported once in a process. */
export class CucumberProject {
  readonly #selection: Selection
  readonly #environment: CucumberEnvironment
  readonly #configuration: IRunConfiguration
  #support: Promise<Support> | undefined

  private constructor(selection: Selection, environment: CucumberEnvironment, configuration: IRunConfiguration) {
    this.#selection = selection
    this.#environment = environment
    this.#configuration = configuration
  }

  /** @throws InputError if Cucumber's configuration is wrong */
  static async open(selection: Selection): Promise<CucumberProject> {
    const environment = { cwd: selection.project, stdout: discard(), stderr: discard(), env: process.env }
    return new CucumberProject(selection, environment, await cucumberConfiguration(selection, environment))
  }

  get tagExpression(): string {
    return this.#configuration.sources.tagExpression
  }

  /** The SHA-256 of the steps of the project, and of what they import: see `ownCode`. */
  get code(): Readonly<Record<string, string>> {
    const { importPaths = [], requirePaths = [] } = this.#configuration.support
    return ownCode(this.#selection.project, [...importPaths, ...requirePaths])
  }

  /** Loads the steps. @throws InputError if one of their files cannot be imported */
  get support(): Promise<Support> {
    this.#support ??= inputErrorsOf('cannot load the steps', () => loadSupport(this.#configuration, this.#environment))
    return this.#support
  }

  /** Finds the selected scenarios. @throws InputError if a feature does not parse */
  async select(): Promise<readonly { readonly name: string; readonly location: string }[]> {
    return this.#find(this.#configuration.sources)
  }

  /** Finds all scenarios of these files, whatever is selected. @throws as `select` */
  async scenariosIn(
    files: readonly string[],
  ): Promise<readonly { readonly name: string; readonly location: string }[]> {
    const { defaultDialect, order } = this.#configuration.sources
    return this.#find({ defaultDialect, order, paths: [...files], names: [], tagExpression: '' })
  }

  /** Matches the steps of the selected scenarios, or of those in `paths`, without running them. */
  async dryRun(paths?: readonly string[]): Promise<readonly Envelope[]> {
    const envelopes: Envelope[] = []
    const support = await this.support
    const configuration = this.#runConfiguration(support, paths, { dryRun: true })
    await inputErrorsOf('cannot match the steps', () =>
      runCucumber(configuration, this.#environment, (envelope) => envelopes.push(envelope)),
    )
    return envelopes
  }

  /** Runs the selected scenarios one after another in this thread. Resolves with false if Cucumber reports a failure. */
  async run({ failFast, parameters, onEnvelope, only, skip = false }: SuiteRun): Promise<boolean> {
    const worldParameters = {
      ...this.#configuration.runtime.worldParameters,
      ...this.#selection.parameters,
      ...parameters,
    }
    const configuration = this.#runConfiguration(await this.support, only, { dryRun: skip, failFast, worldParameters })
    const { success } = await runCucumber(configuration, { ...this.#environment, stderr: process.stderr }, onEnvelope)
    return success
  }

  async #find(sources: ISourcesCoordinates): Promise<readonly { readonly name: string; readonly location: string }[]> {
    const { plan, errors } = await inputErrorsOf('cannot select scenarios', () =>
      loadSources(sources, this.#environment),
    )
    if (errors.length > 0)
      throw new InputError(errors.map(({ uri, message }) => `cannot parse ${uri}: ${message}`).join('\n'))
    return plan.map(({ name, uri, location: { line } }) => ({ name, location: `${uri}:${line}` }))
  }

  #runConfiguration(
    support: Support,
    paths: readonly string[] | undefined,
    options: Partial<IRunConfiguration['runtime']>,
  ): Parameters<typeof runCucumber>[0] {
    const { sources, runtime, formats } = this.#configuration
    return {
      ...this.#configuration,
      sources: paths === undefined ? sources : { ...sources, paths: [...paths] },
      support,
      formats: { stdout: 'message', files: {}, publish: false, options: formats.options },
      runtime: { ...runtime, parallel: 0, retry: 0, ...options },
    }
  }
}

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
