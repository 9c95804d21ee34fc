import { z } from 'zod'
import { durationSchema, parseDurationMs } from '../input/parse-duration.ts'

const line = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .refine((text) => !/[\n\r]/.test(text), 'must be one line')
const text = z.string().min(1, 'must not be empty').max(20_000, 'must have at most 20,000 characters')
/** As in steps: of the site that restores are made on, or of the site before a slash. */
const node = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)?$/, 'must be a node like compute-1 or recovery/compute-1')
const nodes = z.array(node).min(1, 'must name at least one node')

const everyNodeOr = z.union([z.literal('every node'), nodes], 'must be every node, or a list of nodes')

/** A look at the site while the team works. It changes nothing on the nodes. */
const checkSchema = z
  .strictObject({
    /** The images are read through each origin path, as the product's service reads them. */
    imagesReadOn: everyNodeOr.optional(),
    /** The records of a workload, and the database of the workload manager, name this owner. */
    ownerOf: z.strictObject({ workload: line, user: line, project: line }).optional(),
    /** The schedule of this workload is enabled. */
    scheduleOf: line.optional(),
  })
  .refine((one) => Object.values(one).filter((value) => value !== undefined).length === 1, {
    message: 'must have exactly one of imagesReadOn, ownerOf, scheduleOf',
  })

const objectiveSchema = z.strictObject({
  name: line,
  /** The recovery time objective, on the clock of the exercise. */
  within: durationSchema.optional(),
  /** Undefined for an objective that only the steps after the team's work judge. */
  check: checkSchema.optional(),
})

const messageSchema = z.strictObject({ from: line, subject: line, text })

const injectSchema = z
  .strictObject({
    name: line,
    at: durationSchema.optional(),
    when: z
      .strictObject({
        /** A regular expression that a command of a participant matches. */
        command: line.optional(),
        /** The name of an objective that holds for the first time. */
        objective: line.optional(),
      })
      .refine(({ command, objective }) => (command === undefined) !== (objective === undefined), {
        message: 'must have either command or objective',
      })
      .optional(),
    message: messageSchema.optional(),
    powerCut: node.optional(),
    reboot: node.optional(),
  })
  .refine(({ at, when }) => at === undefined || when === undefined, {
    message: 'must not have both at and when',
  })
  .refine(({ message, powerCut, reboot }) => [message, powerCut, reboot].some((one) => one !== undefined), {
    message: 'must have at least one of message, powerCut, reboot',
  })

export const exerciseSchema = z.strictObject({
  title: line,
  level: z.enum(['easy', 'medium', 'hard', 'evil']),
  briefing: text,
  /** People choose one with `--person NAME=ROLE`. Without roles, all have access to every node. */
  roles: z
    .array(z.strictObject({ name: line, briefing: text.optional(), nodes: everyNodeOr.default('every node') }))
    .default([]),
  objectives: z.array(objectiveSchema).min(1, 'must have at least one objective'),
  hints: z.array(z.strictObject({ text, price: durationSchema.optional(), objective: line.optional() })).default([]),
  /** Without `at` and `when`, only the facilitator fires an inject. */
  injects: z.array(injectSchema).default([]),
  /** What the facilitator watches, for the after-action review. */
  lookAt: z.array(line).default([]),
})

export type ExerciseScript = z.output<typeof exerciseSchema>
export type ObjectiveScript = ExerciseScript['objectives'][number]

export type InjectScript = ExerciseScript['injects'][number]

/** Returns the milliseconds of a duration that the schema has checked. Undefined if it was left out. */
export function msOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDurationMs(duration)
}
