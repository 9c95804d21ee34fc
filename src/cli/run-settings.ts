import { InputError } from '../errors.ts'
import type { Shard } from '../input/shard.ts'
import { ownVersion } from '../project/package.ts'
import type { Project } from '../project/project.ts'
import { parseRunbook } from '../rehearsal/runbook-command.ts'
import type { Selection } from '../run/selection.ts'
import type { EngineChoice } from '../setup/engine-choice.ts'

/** The options on the command line. The project's configuration has the others. */
export interface RunFlags {
  readonly tags?: string
  readonly name?: readonly string[]
  readonly failFast?: true
  readonly dryRun?: true
  readonly lastFailed?: true
  readonly shard?: Shard
  readonly retryUnknown?: number
  /** A run. */
  readonly durations?: string
  readonly list?: true
  readonly keepLab?: true
  readonly parallel?: number | 'auto'
  readonly engine?: EngineChoice
  readonly json?: true
  readonly metrics?: string
  readonly allowNotRun?: true
  readonly reports?: string
  readonly config?: string
}

/** The settings of a run. Options on the command line override the project's configuration. */
export interface RunSettings {
  readonly objectives: Project['config']['objectives']
  readonly maxVerdictAgeMs: number | undefined
  readonly engine: EngineChoice
  readonly parallel: number | 'auto'
  readonly reports: string
}

/** @throws InputError if options contradict each other */
export function settingsOf({ config }: Project, flags: RunFlags): RunSettings {
  if (flags.keepLab === true && (flags.parallel ?? 1) !== 1)
    throw new InputError('--keep-lab cannot be combined with --parallel', {
      remedy: 'Remove one of the two options.',
    })
  if (flags.retryUnknown !== undefined && flags.keepLab === true)
    throw new InputError('--retry-unknown cannot be combined with --keep-lab')
  if (flags.retryUnknown !== undefined && flags.failFast === true)
    throw new InputError('--retry-unknown cannot be combined with --fail-fast')
  // Machines may not have the same last run.
  if (flags.shard !== undefined && flags.lastFailed === true)
    throw new InputError('--shard cannot be combined with --last-failed')
  if (flags.durations !== undefined && flags.shard === undefined) throw new InputError('--durations requires --shard')
  return {
    objectives: config.objectives,
    maxVerdictAgeMs: config.maxVerdictAgeMs,
    engine: flags.engine ?? config.engine,
    // A kept lab belongs to a single process.
    parallel: flags.keepLab === true ? 1 : (flags.parallel ?? config.parallel),
    reports: flags.reports ?? config.reports,
  }
}

/** Returns the selected scenarios and their steps. */
export function selectionOf(
  project: Project,
  paths: readonly string[],
  { tags, name = [], lastFailed }: RunFlags,
): Selection {
  const { folder, config, stepFiles, hasPublishedSteps, topologyFolder } = project
  // A wrong runbook is reported before anything starts.
  if (config.recovery !== undefined) parseRunbook(config.recovery.command, folder)
  const isAll = paths.length === 0 && name.length === 0 && lastFailed !== true
  const chosen = tags ?? (isAll ? 'not @full and not @exercise' : undefined)
  return {
    project: folder,
    paths: paths.length === 0 && lastFailed !== true ? (config.features ?? []) : paths,
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
