import { z } from 'zod'
import { durationSchema, parseDurationMs } from '../input/parse-duration.ts'
import { check, parseYaml } from '../input/schema-check.ts'
import { engineNames } from '../lab/engine/engine.ts'
import type { Objectives } from '../verdict/claim/objectives.ts'

/** What a project's configuration is called. */
export const configName = 'dr-drill.config.yaml'

const path = z.string().min(1, 'must not be empty')
const processes = 'must be a whole number from 1, or auto'
const paths = z
  .array(path, 'must be a list of files or patterns')
  .min(1, 'must name at least one')
  .refine((list) => new Set(list).size === list.length, 'must not name anything twice')

/** The configuration as written, in YAML. Descriptions are shown by editors. */
export const configSchema = z.strictObject({
  features: paths
    .optional()
    .describe('Feature files, folders or patterns: what is run unless paths are given. Default: features'),
  steps: paths
    .optional()
    .describe(
      'Files or patterns with steps; dr-drill/steps are those of dr-drill itself. Default: those, and all of steps/ and features/',
    ),
  topologies: path
    .optional()
    .describe('The folder in which topologies are looked up that a step names. Default: topologies'),
  engine: z
    .enum(['auto', ...engineNames])
    .default('auto')
    .describe('What holds the guests'),
  parallel: z
    .union([z.int().min(1, processes), z.literal('auto')], processes)
    .default('auto')
    .describe('Number of processes that run features in parallel. auto: depends on processors and memory'),
  reports: path.default('reports').describe('The folder of all reports'),
  recovery: z
    .strictObject({
      command: z
        .string()
        .min(1, 'must not be empty')
        .describe('A command line for sh, e.g. ./recover.sh; its first word is a program, or a file of the project'),
      on: z
        .enum(['control host', 'every node'])
        .default('control host')
        .describe('Where it runs: on this machine, with an ssh_config for the nodes; or on each of them'),
      deadline: durationSchema.default('30m').describe('What it may take'),
    })
    .optional()
    .describe(
      'What the step "an operator runs the configured recovery" does. Default: every origin path is bound on every node',
    ),
  objectives: z
    .strictObject({
      recoveryTime: durationSchema
        .optional()
        .describe(
          'What recovery and the restores after it may take together, e.g. 15m: a drill that takes longer fails',
        ),
    })
    .default({})
    .describe('What every drill has to keep to'),
})

type Written = z.output<typeof configSchema>

/** A command that is the recovery which drills rehearse. */
export interface RecoveryChoice {
  readonly command: string
  readonly on: 'control host' | 'every node'
  readonly deadlineMs: number
}

/** A project's configuration, with everything filled in that has a default. All paths are relative to the project. */
export interface ProjectConfig {
  /** For messages: the file it came from. */
  readonly source: string
  /** Not said: Cucumber's own configuration decides, then `features`. */
  readonly features?: readonly string[]
  /** Not said: Cucumber's own configuration decides, then `defaultSteps`. */
  readonly steps?: readonly string[]
  readonly topologies: { readonly folder: string; readonly isDefault: boolean }
  readonly engine: Written['engine']
  readonly parallel: number | 'auto'
  readonly reports: string
  readonly objectives: Objectives
  /** Not said: as documented. */
  readonly recovery?: RecoveryChoice
}

/**
 * @param source for messages: the file it came from
 * @throws InputError that names each place that is wrong
 */
export function parseConfig(yaml: string, source: string): ProjectConfig {
  const { features, steps, topologies, objectives, recovery, ...rest } = check(
    configSchema,
    parseYaml(yaml, source) ?? {},
    source,
  )
  const recoveryTimeMs = objectives.recoveryTime === undefined ? undefined : parseDurationMs(objectives.recoveryTime)
  return {
    ...rest,
    source,
    ...(features && { features }),
    ...(steps && { steps }),
    ...(recovery && {
      recovery: {
        command: recovery.command,
        on: recovery.on,
        deadlineMs: parseDurationMs(recovery.deadline) ?? Number.POSITIVE_INFINITY,
      },
    }),
    topologies: { folder: topologies ?? 'topologies', isDefault: topologies === undefined },
    objectives: recoveryTimeMs === undefined ? {} : { recoveryTimeMs },
  }
}
