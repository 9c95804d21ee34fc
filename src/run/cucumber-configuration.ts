import { extname, join, relative } from 'node:path'
import { type IRunConfiguration, loadConfiguration, type loadSupport } from '@cucumber/cucumber/api'
import { DrillError, InputError } from '../errors.ts'
import type { Selection } from './selection.ts'

export type CucumberEnvironment = NonNullable<Parameters<typeof loadSupport>[1]> & { readonly cwd: string }

/** Reads Cucumber's own configuration of the project, and adds the selection and dr-drill's support code. */
export async function cucumberConfiguration(
  selection: Selection,
  environment: CucumberEnvironment,
): Promise<IRunConfiguration> {
  const provided = {
    paths: [...selection.paths],
    name: [...selection.names],
    ...(selection.tags === undefined ? {} : { tags: selection.tags }),
  }
  const { runConfiguration } = await inputErrorsOf("cannot read Cucumber's configuration", () =>
    loadConfiguration({ provided }, environment),
  )
  const { support } = runConfiguration
  const { importPaths = [], requirePaths = [] } = support
  const hasCucumberSteps = importPaths.length + requirePaths.length > 0
  const steps =
    selection.stepsAreDefault && hasCucumberSteps ? { importPaths, requirePaths } : { importPaths: selection.steps }
  return {
    ...runConfiguration,
    support: {
      ...support,
      requirePaths: [],
      ...steps,
      importPaths: [supportFile(selection.project), ...steps.importPaths],
    },
  }
}

/** The extension is that of this file: `.ts` in a checkout, `.js` in the package. */
function supportFile(project: string): string {
  return relative(project, join(import.meta.dirname, `support${extname(import.meta.filename)}`))
}

/** Runs `act`. What Cucumber and imported code throw here is wrong input, and the cause says more than the message. */
export async function inputErrorsOf<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DrillError) throw error
    const root = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new InputError(`${what}: ${root instanceof Error ? root.message : String(root)}`, { cause: error })
  }
}
