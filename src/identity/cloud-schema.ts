import { z } from 'zod'

const text = z
  .string()
  .min(1, 'must not be empty')
  .max(255, 'must have at most 255 characters')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters')
const id = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
  .optional()
const limit = z.int().min(-1)

const projectSchema = z.strictObject({
  name: text,
  id,
  domain: text.default('Default'),
  enabled: z.boolean().default(true),
  /** Limits by resource. -1 is unlimited; a resource that is not listed is, too. */
  quota: z
    .strictObject({
      instances: limit,
      cores: limit,
      ramMib: limit,
      volumes: limit,
      gigabytes: limit,
      snapshots: limit,
    })
    .partial()
    .default({}),
})

const userSchema = z.strictObject({
  name: text,
  id,
  domain: text.default('Default'),
  enabled: z.boolean().default(true),
  email: z
    .string()
    .regex(/^[^\s@<>(),;:"\p{Cc}]+@[^\s@<>(),;:"\p{Cc}]+$/u, 'must be a mail address')
    .optional(),
  /** Roles in each project. A project of another domain than the user's is written `domain/project`. */
  roles: z.record(text, z.array(text).min(1)).default({}),
})

/** The people of a site's cloud, and what instances are made of, in YAML. */
export const cloudSchema = z.strictObject({
  /** Id of the cloud, which the product records on targets. Default: one of the site's name. */
  id: z.uuid().optional(),
  domains: z.array(text).default([]),
  projects: z.array(projectSchema).default([]),
  users: z.array(userSchema).default([]),
  roles: z.array(text).default([]),
  flavors: z.array(text).default(['m1.small']),
  /** What an instance of a flavor uses of the quotas, by its name. Without it, the flavor uses none. */
  flavorSizes: z.record(text, z.strictObject({ vcpus: z.int().min(1), ramMib: z.int().min(1) })).default({}),
  networks: z.array(text).default(['private']),
  volumeTypes: z.array(text).default(['standard']),
  /** The role that the product needs of each owner of a workload. */
  trusteeRole: text.default('member'),
})

/** A cloud as written in YAML or code. */
export type CloudInput = z.input<typeof cloudSchema>

/** A checked cloud, with defaults. */
export type CheckedCloud = z.output<typeof cloudSchema>
