import { workloadFolder } from '../../target/layout.ts'
import { endpointKey, metadataValue, type RecordFields } from '../../target/record-files.ts'
import type { WorkloadManager } from '../manager.ts'
import { rewriteWorkload } from '../records/rewrite-workload.ts'
import { isScheduleEnabled } from '../records/schedule-text.ts'
import {
  instancesOf,
  type SkippedRecord,
  type SnapshotOnTarget,
  snapshotsOf,
  type WorkloadOnTarget,
  workloadOn,
} from '../records/target-records.ts'
import type { KnownSnapshot, KnownWorkload } from '../store/state-schema.ts'

/** A workload that was imported. */
export interface ImportedWorkload {
  readonly id: string
  readonly name: string
  readonly target: string
  readonly snapshotCount: number
  /** Records that could not be read. Their snapshots were not imported. */
  readonly skipped: readonly SkippedRecord[]
}

/**
 * Imports one workload: its records get the endpoint where they were found, and then the database gets the workload, in
 * one transaction. No image is opened.
 * @param allow called before each write to the target; throws if it must not happen
 * @throws Error if its records cannot be rewritten; the database is then unchanged
 */
export async function importWorkload(
  { store }: WorkloadManager,
  found: WorkloadOnTarget,
  allow: () => void,
): Promise<ImportedWorkload> {
  const { target } = found
  const newEndpoint = (record: Parameters<typeof metadataValue>[0]) => {
    const old = metadataValue(record, endpointKey)
    return old === undefined || old === target.share ? {} : { metadata: { [endpointKey]: target.share } }
  }
  const edits = { ofWorkload: newEndpoint, ofSnapshot: newEndpoint }
  const { failure, changed, unchanged } = await rewriteWorkload(found, edits, allow)
  if (failure !== undefined)
    throw new Error(
      `${failure.message} (${changed.length} records have the endpoint ${target.share}, ${unchanged.length} do not)`,
      { cause: failure },
    )
  // The records may have been changed while the others were rewritten.
  const now = workloadOn(target, found.id)
  if ('message' in now) throw new Error(`${now.path}: ${now.message}`)
  const { snapshots, skipped } = snapshotsOf(now)
  const workload = knownWorkload(now)
  const taken = snapshots.filter(({ id }) => store.snapshots.find({ id }) !== undefined)
  const added = snapshots.filter((one) => !taken.includes(one))
  store.transaction(() => {
    store.workloads.add(workload)
    for (const one of added) store.snapshots.add(knownSnapshot(one, workload))
    const instances = new Map(instancesOf(now).map((one) => [one.id, one]))
    for (const { id, name } of instances.values()) store.instances.add({ id, workloadId: workload.id, name })
  })
  const path = `${target.mountPath}/${workloadFolder(now.id)}`
  const known = taken.map(({ id }) => ({
    path: `${path}/snapshot_${id}`,
    message: 'another workload in the database has a snapshot of this id',
  }))
  return {
    id: now.id,
    name: workload.name,
    target: target.name,
    snapshotCount: added.length,
    skipped: [...skipped, ...known],
  }
}

function knownWorkload({ id, target, record, owner }: WorkloadOnTarget): KnownWorkload {
  const { jobschedule, status } = record
  return defined({
    id,
    projectId: owner.projectId ?? '',
    userId: owner.userId ?? '',
    name: record.display_name ?? '',
    description: record.display_description,
    typeId: record.workload_type_id,
    availabilityZone: record.availability_zone,
    // A lock belongs to the product that took it [older generations].
    status: status === 'locked' ? 'available' : (status ?? 'available'),
    schedule: jobschedule,
    isScheduled: isScheduleEnabled(jobschedule ?? '') === true,
    isDeleted: false,
    isEncrypted: record.encryption === true || record.encryption === 1,
    secretId: record.secret_uuid,
    productVersion: record.version,
    target: target.name,
    createdAt: textIn(record, 'created_at'),
  })
}

/** A snapshot that was not complete when its record was written never will be [older generations]. */
function knownSnapshot({ id, record }: SnapshotOnTarget, workload: KnownWorkload): KnownSnapshot {
  const isDeleted = isSet(record.deleted) || record.status === 'deleted'
  const isComplete = record.status === 'available' || isDeleted
  return defined({
    id,
    workloadId: workload.id,
    projectId: record.project_id || workload.projectId,
    userId: record.user_id || workload.userId,
    name: record.display_name ?? '',
    type: record.snapshot_type ?? '',
    status: isComplete ? (record.status ?? 'deleted') : 'error',
    errorText: isComplete ? record.error_msg : 'upload not completed',
    warningText: record.warning_msg,
    sizeBytes: record.size ?? 0,
    restoreSizeBytes: record.restore_size ?? 0,
    isDeleted,
    isDataDeleted: isSet(record.data_deleted),
    isPinned: isSet(record.pinned),
    createdAt: record.created_at ?? '',
    finishedAt: record.finished_at,
  })
}

const isSet = (flag: boolean | 0 | 1 | null | undefined): boolean => flag === true || flag === 1

function textIn(record: RecordFields<'workload_db'>, field: string): string | undefined {
  const value = record[field]
  return typeof value === 'string' ? value : undefined
}

/** Leaves out fields that are null or undefined. */
function defined<Row>(fields: { readonly [Name in keyof Row]: Row[Name] | null | undefined }): Row {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Row
}
