import { InputError } from '../errors.ts'
import { ownVersion } from '../project/package.ts'
import type { Project } from '../project/project.ts'
import { parseRunbook } from '../rehearsal/runbook-command.ts'
import type { Selection } from '../run/selection.ts'
import type { EngineChoice } from '../setup/engine-choice.ts'

/** What was typed; what is left out is as the project says. */
export interface RunFlags {
  readonly tags?: string
  readonly name: readonly string[]
  readonly failFast?: true
  readonly dryRun?: true
  readonly keepLab?: true
  readonly parallel?: number | 'auto'
  readonly engine?: EngineChoice
  readonly json?: true
  readonly allowNotRun?: true
  readonly reports?: string
  readonly config?: string
}

/** How a run is made. Of what the project and the command line may both say, the command line wins. */
export interface RunSettings {
  readonly objectives: Project['config']['objectives']
  readonly engine: EngineChoice
  readonly parallel: number | 'auto'
  readonly reports: string
}

/** @throws InputError for what does not go together */
export function settingsOf({ config }: Project, flags: RunFlags): RunSettings {
  if (flags.keepLab === true && (flags.parallel ?? 1) !== 1)
    throw new InputError('--keep-lab cannot be combined with --parallel', {
      remedy: 'Remove one of the two options.',
    })
  return {
    objectives: config.objectives,
    engine: flags.engine ?? config.engine,
    // Whoever wants to look around in a lab runs one scenario, whatever the project says.
    parallel: flags.keepLab === true ? 1 : (flags.parallel ?? config.parallel),
    reports: flags.reports ?? config.reports,
  }
}

/** Which scenarios are run, with which steps. */
export function selectionOf(project: Project, paths: readonly string[], { tags, name }: RunFlags): Selection {
  const { folder, config, stepFiles, hasPublishedSteps, topologyFolder } = project
  // What is no runbook is told before anything starts.
  if (config.recovery !== undefined) parseRunbook(config.recovery.command, folder)
  const isAll = paths.length === 0 && name.length === 0
  const chosen = tags ?? (isAll ? 'not @full' : undefined)
  return {
    project: folder,
    paths: paths.length === 0 ? (config.features ?? []) : paths,
    names: name,
    ...(chosen === undefined ? {} : { tags: chosen }),
    steps: stepFiles,
    stepsAreDefault: config.steps === undefined,
    ...(hasPublishedSteps ? { stepsOf: `dr-drill ${ownVersion()}` } : {}),
    parameters: {
      topologies: topologyFolder,
      project: folder,
      ...(config.recovery && { recovery: JSON.stringify(config.recovery) }),
    },
  }
}
