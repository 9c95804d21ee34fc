import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { configName, type ProjectConfig, parseConfig } from './config.ts'
import { refuseSecondCucumber } from './one-cucumber.ts'
import { defaultSteps, findStepFiles, publishedSteps } from './step-files.ts'

/** A project with features of its own, found sound. */
export interface Project {
  readonly folder: string
  readonly config: ProjectConfig
  /** Files with steps, relative to the folder. */
  readonly stepFiles: readonly string[]
  /** Whether the steps of dr-drill itself are among them. */
  readonly hasPublishedSteps: boolean
  /** An absolute path; it need not exist. */
  readonly topologyFolder: string
}

/**
 * @param folder of the project, to which all paths in its configuration are relative
 * @param configFile instead of `dr-drill.config.yaml` in the folder; has to exist
 * @throws InputError that names each thing that is wrong
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
 * The configuration alone.
 * @throws InputError like `openProject`
 */
export function readConfig(folder: string, configFile?: string): ProjectConfig {
  const file = resolve(folder, configFile ?? configName)
  const source = configFile ?? configName
  if (configFile === undefined && !existsSync(file)) {
    const misnamed = globSync('dr-drill.config{,.*}', { cwd: folder })[0]
    if (misnamed !== undefined) throw new InputError(`${misnamed} is not read: its name has to be ${configName}`)
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

/** What is named and matches nothing is a slip of the pen. */
function refuseNothing(folder: string, { source, features = [], steps = [], topologies }: ProjectConfig): void {
  const problems = [
    ...features.flatMap((pattern, index) =>
      globSync(pattern, { cwd: folder }).length > 0 ? [] : [`features.${index}: there is no ${pattern}`],
    ),
    ...steps.flatMap((pattern, index) =>
      findStepFiles(folder, pattern).length > 0 ? [] : [`steps.${index}: there are no steps in ${pattern}`],
    ),
    ...(topologies.isDefault || isFolder(join(folder, topologies.folder))
      ? []
      : [`topologies: there is no folder ${topologies.folder}`]),
  ]
  if (problems.length > 0) throw new InputError(problems.map((problem) => `${source}: ${problem}`).join('\n'))
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
