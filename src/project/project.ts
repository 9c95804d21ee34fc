import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { type ProjectConfig, parseConfig } from './config.ts'
import { configName } from './config-name.ts'
import { refuseSecondCucumber } from './one-cucumber.ts'
import { defaultSteps, findStepFiles, publishedSteps } from './step-files.ts'

/** A valid project. */
export interface Project {
  readonly folder: string
  readonly config: ProjectConfig
  /** Files with steps, relative to the folder. */
  readonly stepFiles: readonly string[]
  /** True if they include the steps of dr-drill. */
  readonly hasPublishedSteps: boolean
  /** An absolute path. The default folder may be missing. */
  readonly topologyFolder: string
}

/**
 * Reads and checks a project.
 * @param folder of the project. All paths in its configuration are relative to it
 * @param configFile to read instead of `dr-drill.config.yaml`
 * @throws InputError that lists everything that is wrong
 */
export function openProject(folder: string, configFile?: string): Project {
  refuseSecondCucumber(folder)
  const config = readConfig(folder, configFile)
  refuseNothing(folder, config)
  const patterns = config.steps ?? defaultSteps
  return {
    folder,
    config,
    stepFiles: [...new Set(patterns.flatMap((pattern) => findStepFiles(folder, pattern)))],
    hasPublishedSteps: patterns.includes(publishedSteps),
    topologyFolder: resolve(folder, config.topologies.folder),
  }
}

/**
 * Reads the configuration of a project, and nothing else of it.
 * @throws InputError as `openProject`
 */
export function readConfig(folder: string, configFile?: string): ProjectConfig {
  const file = resolve(folder, configFile ?? configName)
  const source = configFile ?? configName
  if (configFile === undefined && !existsSync(file)) {
    const misnamed = globSync('dr-drill.config{,.*}', { cwd: folder })[0]
    if (misnamed !== undefined)
      throw new InputError(`${misnamed} is not read: the configuration file must be named ${configName}`)
    return parseConfig('', source)
  }
  let yaml: string
  try {
    yaml = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`${source}: cannot be read: ${(cause as Error).message}`, { cause })
  }
  return parseConfig(yaml, source)
}

/** Refuses patterns that match nothing, and a missing folder: they are typing errors. */
function refuseNothing(folder: string, { source, features = [], steps = [], topologies }: ProjectConfig): void {
  const problems = [
    ...features.flatMap((pattern, index) =>
      globSync(pattern, { cwd: folder }).length > 0 ? [] : [`features.${index}: ${pattern} does not exist`],
    ),
    ...steps.flatMap((pattern, index) =>
      findStepFiles(folder, pattern).length > 0 ? [] : [`steps.${index}: no steps in ${pattern}`],
    ),
    ...(topologies.isDefault || isFolder(join(folder, topologies.folder))
      ? []
      : [`topologies: the folder ${topologies.folder} does not exist`]),
  ]
  if (problems.length > 0) throw new InputError(problems.map((problem) => `${source}: ${problem}`).join('\n'))
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
