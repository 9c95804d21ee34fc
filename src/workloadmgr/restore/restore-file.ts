import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { check } from '../../input/schema-check.ts'

const text = z.string().min(1, 'must not be empty').max(255, 'must have at most 255 characters')

/** A flavor, network or volume type is named, by itself or as an object with more fields. */
const named = z.union([text, z.looseObject({ name: text }).transform(({ name }) => name)])

const diskSchema = z.looseObject({
  /** The id of the volume in the backup. */
  id: text,
  new_volume_type: text.optional(),
})

const instanceSchema = z.looseObject({
  /** The id of the VM in the backup. */
  id: text,
  name: text.optional(),
  include: z.boolean().default(true),
  flavor: named.optional(),
  vdisks: z.array(diskSchema).default([]),
})

const networkSchema = z.looseObject({ snapshot_network: named, target_network: named })

/**
 * The options of a restore, as vendor documentation and public tests of the product write them. Fields that are not listed
 * are kept as they are, and have no effect in the lab.
 */
export const restoreFileSchema = z.strictObject({
  name: text.optional(),
  description: z.string().optional(),
  type: z.literal('openstack').default('openstack'),
  restore_type: z.enum(['selective', 'inplace', 'oneclick']).default('selective'),
  oneclickrestore: z.boolean().default(false),
  openstack: z
    .strictObject({
      instances: z.array(instanceSchema).default([]),
      restore_topology: z.boolean().default(false),
      networks_mapping: z.strictObject({ networks: z.array(networkSchema).default([]) }).default({ networks: [] }),
    })
    .default({ instances: [], restore_topology: false, networks_mapping: { networks: [] } }),
})

/** Checked options of a restore, with defaults. */
export type RestoreFile = z.output<typeof restoreFileSchema>

/** Options as `restore.json` has them. */
export type RestoreFileInput = z.input<typeof restoreFileSchema>

/**
 * Reads the options of a restore.
 * @param source the file, for messages
 * @throws InputError that names each problem and, for an unknown key, the nearest known one
 */
export function parseRestoreFile(json: string, source: string): RestoreFile {
  let content: unknown
  try {
    content = JSON.parse(json)
  } catch (cause) {
    throw new InputError(`${source}: not JSON: ${(cause as Error).message}`, { cause })
  }
  return check(restoreFileSchema, content, source)
}
