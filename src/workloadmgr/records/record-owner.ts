import type { RecordFields } from '../../target/record-files.ts'

/** The owner that a record names. Fields that it lacks are undefined. */
export interface RecordOwner {
  readonly projectId?: string
  readonly userId?: string
}

/**
 * Whether the records of a workload agree on their owner: `whole`, `mixed` if some name another one, as an interrupted
 * reassignment leaves them, or `unknown` if some cannot be read.
 */
export type Ownership = 'whole' | 'mixed' | 'unknown'

type OwnedRecord = Pick<RecordFields<'workload_db'>, 'project_id' | 'tenant_id' | 'user_id'>

/** The owner in a record. Older generations call the project a tenant. */
export function ownerIn({ project_id, tenant_id, user_id }: OwnedRecord): RecordOwner {
  const projectId = project_id || tenant_id
  return { ...(projectId && { projectId }), ...(user_id && { userId: user_id }) }
}

/** True if two records name one owner, as far as both name one. */
export function isSameOwner(one: RecordOwner, other: RecordOwner): boolean {
  const differ = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b
  return !differ(one.projectId, other.projectId) && !differ(one.userId, other.userId)
}

export function ownershipOf(
  workload: RecordOwner,
  snapshots: readonly RecordOwner[],
  unreadableCount: number,
): Ownership {
  if (snapshots.some((one) => !isSameOwner(workload, one))) return 'mixed'
  return unreadableCount > 0 ? 'unknown' : 'whole'
}

/** The fields of a record that name its owner, for `editedRecord`. A tenant stays a tenant. */
export function ownerFields(
  record: OwnedRecord,
  { projectId, userId }: Required<RecordOwner>,
): Readonly<Record<string, string>> {
  const hasTenant = Object.hasOwn(record, 'tenant_id')
  const hasProject = Object.hasOwn(record, 'project_id') || !hasTenant
  return { user_id: userId, ...(hasProject && { project_id: projectId }), ...(hasTenant && { tenant_id: projectId }) }
}
