import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { check, parseYaml } from '../../input/schema-check.ts'
import type { Reassignment } from '../reassign/reassignment.ts'

const maxBytes = 8 * 2 ** 20
const ids = z.array(z.string().min(1)).default([])
/** YAML has `True` as text. */
const flag = z.union([z.boolean(), z.enum(['True', 'False'])]).transform((value) => value === true || value === 'True')

const entry = z.strictObject({
  old_tenant_ids: ids,
  new_tenant_id: z.string().min(1, 'must not be empty'),
  user_id: z.string().min(1, 'must not be empty'),
  workload_ids: ids,
  migrate_cloud: flag.default(false),
})
const schema = z.strictObject({ reassign_mappings: z.array(entry) })

/**
 * Reads the requests of a map file, as `workload-get-orphaned-workloads-list --generate_yaml True` prints it.
 * @throws InputError that names the wrong value
 */
export function readMapFile(file: string): readonly Reassignment[] {
  let text: string
  try {
    if (statSync(file).size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read the map file ${file}: ${(cause as Error).message}`, { cause })
  }
  return check(schema, parseYaml(text, file), file).reassign_mappings.map((one) => ({
    oldProjectIds: one.old_tenant_ids,
    workloadIds: one.workload_ids,
    newProjectId: one.new_tenant_id,
    userId: one.user_id,
    migrateCloud: one.migrate_cloud,
  }))
}
