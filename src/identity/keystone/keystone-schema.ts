import { z } from 'zod'

/** What is used of Keystone's answers. */
const identified = { id: z.string(), name: z.string() }
const enabled = z.boolean().optional().default(true)

export const domainRow = z.object({ ...identified, enabled })
export const projectRow = z.object({ ...identified, enabled, domain_id: z.string(), parent_id: z.string().nullish() })
export const userRow = z.object({ ...identified, enabled, domain_id: z.string(), email: z.unknown().optional() })
export const roleRow = z.object(identified)
export const trustRow = z.object({
  id: z.string(),
  trustor_user_id: z.string(),
  trustee_user_id: z.string(),
  project_id: z.string().nullish(),
})

const one = z.object({ id: z.string() })

export const assignmentRow = z.object({
  role: one,
  user: one.optional(),
  group: one.optional(),
  scope: z.object({
    project: one.optional(),
    domain: one.optional(),
    'OS-INHERIT:inherited_to': z.string().optional(),
  }),
})

/** A role, and the roles that it implies. */
export const inferenceRow = z.object({ prior_role: one, implies: z.array(one) })

export const limitRow = z.object({
  resource_name: z.string(),
  resource_limit: z.number(),
  project_id: z.string().nullish(),
})
export const registeredLimitRow = z.object({ resource_name: z.string(), default_limit: z.number() })

export const tokenAnswer = z.object({
  token: z.object({
    user: one,
    project: one.optional(),
    system: z.looseObject({}).optional(),
    roles: z.array(z.object(identified)).optional().default([]),
  }),
})

export const trustAnswer = z.object({ trust: one })

export type ProjectRow = z.output<typeof projectRow>
export type AssignmentRow = z.output<typeof assignmentRow>
export type InferenceRow = z.output<typeof inferenceRow>
