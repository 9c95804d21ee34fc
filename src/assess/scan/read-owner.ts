import { metadataValue, type RecordFields, type RecordProblem } from '../../target/record-files.ts'
import type { FoundSnapshot, OwnerFacts } from './found.ts'
import { readRecordFile } from './read-record.ts'
import type { TargetTree } from './target-tree.ts'

/** The product's schedules have a few hundred characters. */
const maxScheduleLength = 10_000

/** Reads the owner that a snapshot names, and nothing else of it. */
export function readSnapshotOwner(tree: TargetTree, folder: string, snapshotId: string): FoundSnapshot {
  const problems: RecordProblem[] = []
  const record = readRecordFile(tree, 'snapshot_db', `${folder}/snapshot_db`, problems)
  if (record === undefined) return { snapshotId, disks: [], problems, oddities: [] }
  const projectId = record.project_id || record.tenant_id
  const facts = {
    ...(record.display_name && { name: record.display_name }),
    ...(record.status && { status: record.status }),
    ...((record.deleted || record.data_deleted || record.status === 'deleted') && { isDeleted: true }),
    ...(record.created_at && { createdAt: record.created_at }),
    ...(record.user_id && { userId: record.user_id }),
    ...(projectId && { projectId }),
  }
  return { snapshotId, record: facts, disks: [], problems, oddities: [] }
}

/** Names of projects and users in metadata are an assumption: public sources show only their ids. */
export function ownerFacts(record: RecordFields<'workload_db'>): OwnerFacts {
  const text = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => metadataValue(record, key)).find((one) => typeof one === 'string' && one !== '') as
      | string
      | undefined
  const [projectName, userName] = [text('project_name', 'tenant_name'), text('user_name', 'username')]
  return {
    ...(record.jobschedule && { schedule: record.jobschedule.slice(0, maxScheduleLength) }),
    ...(projectName !== undefined && { projectName }),
    ...(userName !== undefined && { userName }),
  }
}
