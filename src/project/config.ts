import { z } from 'zod'
import { durationSchema, parseDurationMs } from '../input/parse-duration.ts'
import { check, parseYaml } from '../input/schema-check.ts'
import { engineNames } from '../lab/engine/engine.ts'
import type { Objective, Objectives } from '../verdict/claim/objectives.ts'

const path = z.string().min(1, 'must not be empty')
const processes = 'must be a whole number from 1, or auto'
const paths = z
  .array(path, 'must be a list of files or patterns')
  .min(1, 'must have at least one entry')
  .refine((list) => new Set(list).size === list.length, 'must not contain an entry twice')

const objective = {
  recoveryTime: durationSchema
    .optional()
    .describe(
      'Maximum duration of recovery and the restores after it together, e.g. 15m. A drill that takes longer fails',
    ),
  recoveryPoint: durationSchema
    .optional()
    .describe(
      'Maximum time between the newest restored snapshot and the loss of its site, e.g. 24h. A drill that loses more fails',
    ),
}

/** The configuration as written in YAML. Editors show the descriptions. */
export const configSchema = z.strictObject({
  features: paths
    .optional()
    .describe('Feature files, folders or patterns to run if the command line names none. Default: features'),
  steps: paths
    .optional()
    .describe(
      'Files, folders or patterns with steps. dr-drill/steps are the steps of dr-drill. Default: dr-drill/steps, and all code in steps/ and features/',
    ),
  topologies: path.optional().describe('Folder of the topologies that steps name. Default: topologies'),
  engine: z
    .enum(['auto', ...engineNames])
    .default('auto')
    .describe('Engine of the labs. auto: container if it answers, else embedded'),
  parallel: z
    .union([z.int().min(1, processes), z.literal('auto')], processes)
    .default('auto')
    .describe('Number of processes that run features in parallel. auto: depends on processors and memory'),
  reports: path.default('reports').describe('Folder of all reports'),
  maxVerdictAge: durationSchema
    .optional()
    .describe('Age at which a verdict expires, and its scenario needs a new drill, e.g. 90d. Default: 30d'),
  timestampAuthority: z
    .url({ protocol: /^https?$/, error: 'must be a URL with http or https' })
    .optional()
    .describe('Timestamp authority (RFC 3161) for the signatures of evidence packs. Default: no timestamps'),
  recovery: z
    .strictObject({
      command: z
        .string()
        .min(1, 'must not be empty')
        .describe(
          'Command line for sh, e.g. ./recover.sh --fast. Its first word is a program, or a file of the project',
        ),
      on: z
        .enum(['control host', 'every node'])
        .default('control host')
        .describe('Where the command runs: on this machine, with an ssh_config for the nodes, or on every node'),
      deadline: durationSchema.default('30m').describe('Maximum duration, e.g. 30m'),
    })
    .optional()
    .describe(
      'Recovery of the step "an operator runs the configured recovery". Default: binds every origin path on every node',
    ),
  objectives: z
    .strictObject({
      ...objective,
      workloads: z
        .record(z.string(), z.strictObject(objective))
        .optional()
        .describe('Objectives of single workloads, by name. The clock of a workload stops at its own last restore'),
      tags: z
        .record(z.string().regex(/^@/, 'must be a tag like @critical'), z.strictObject(objective))
        .optional()
        .describe('Objectives of scenarios with a tag. The strictest one counts'),
    })
    .default({})
    .describe('Objectives that every drill must meet'),
})

type Written = z.output<typeof configSchema>

/** The project's own recovery command. */
export interface RecoveryChoice {
  readonly command: string
  readonly on: 'control host' | 'every node'
  readonly deadlineMs: number
}

/** The configuration of a project, with all defaults. Paths are relative to the project. */
export interface ProjectConfig {
  /** The file, for messages. */
  readonly source: string
  /** Undefined if Cucumber's own configuration decides, or else the folder `features`. */
  readonly features?: readonly string[]
  /** Undefined if Cucumber's own configuration decides, or else `defaultSteps`. */
  readonly steps?: readonly string[]
  readonly topologies: { readonly folder: string; readonly isDefault: boolean }
  readonly engine: Written['engine']
  readonly parallel: number | 'auto'
  readonly reports: string
  /** Undefined for the default of `history`. */
  readonly maxVerdictAgeMs?: number
  /** Undefined for evidence packs without timestamps. */
  readonly timestampAuthority?: string
  readonly objectives: Objectives
  /** Undefined for the documented recovery. */
  readonly recovery?: RecoveryChoice
}

/**
 * @param source the file, for messages
 * @throws InputError that names every wrong place
 */
export function parseConfig(yaml: string, source: string): ProjectConfig {
  const { features, steps, topologies, objectives, recovery, timestampAuthority, maxVerdictAge, ...rest } = check(
    configSchema,
    parseYaml(yaml, source) ?? {},
    source,
  )
  return {
    ...rest,
    source,
    ...(features && { features }),
    ...(steps && { steps }),
    ...(timestampAuthority && { timestampAuthority }),
    ...(maxVerdictAge && { maxVerdictAgeMs: parseDurationMs(maxVerdictAge) ?? Number.POSITIVE_INFINITY }),
    ...(recovery && {
      recovery: {
        command: recovery.command,
        on: recovery.on,
        deadlineMs: parseDurationMs(recovery.deadline) ?? Number.POSITIVE_INFINITY,
      },
    }),
    topologies: { folder: topologies ?? 'topologies', isDefault: topologies === undefined },
    objectives: {
      ...objectiveOf(objectives),
      ...(objectives.workloads && { workloads: ofEach(objectives.workloads) }),
      ...(objectives.tags && { tags: ofEach(objectives.tags) }),
    },
  }
}

type WrittenObjective = { readonly [Key in keyof typeof objective]?: string | undefined }

function objectiveOf({ recoveryTime, recoveryPoint }: WrittenObjective): Objective {
  const recoveryTimeMs = recoveryTime === undefined ? undefined : parseDurationMs(recoveryTime)
  const recoveryPointMs = recoveryPoint === undefined ? undefined : parseDurationMs(recoveryPoint)
  return { ...(recoveryTimeMs && { recoveryTimeMs }), ...(recoveryPointMs && { recoveryPointMs }) }
}

const ofEach = (written: Readonly<Record<string, WrittenObjective>>): Readonly<Record<string, Objective>> =>
  Object.fromEntries(Object.entries(written).map(([name, one]) => [name, objectiveOf(one)]))
