import { z } from 'zod'
import { check, parseYaml } from '../../input/schema-check.ts'
import { readNamedFile } from '../../localhost/named-file.ts'
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
  const text = readNamedFile({ what: 'the map file', path: file, maxBytes })
  return check(schema, parseYaml(text, file), file).reassign_mappings.map((one) => ({
    oldProjectIds: one.old_tenant_ids,
    workloadIds: one.workload_ids,
    newProjectId: one.new_tenant_id,
    userId: one.user_id,
    migrateCloud: one.migrate_cloud,
  }))
}
