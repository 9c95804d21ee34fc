import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { idInFolder, workloadFolder } from '../../target/layout.ts'
import { type RecordFields, type RecordKind, type RecordOf, readRecord } from '../../target/record-files.ts'
import type { BackupTarget } from '../manager-config.ts'
import { RecordFolder } from './record-folder.ts'
import { type Ownership, ownerIn, ownershipOf, type RecordOwner } from './record-owner.ts'

/** A record that was passed over, and why. */
export interface SkippedRecord {
  /** With the mount path. */
  readonly path: string
  readonly message: string
  /** The workload that is passed over with it. Undefined for a record of a snapshot. */
  readonly workloadId?: string
}

/** A workload on a target, by its own record. */
export interface WorkloadOnTarget {
  readonly id: string
  readonly target: BackupTarget
  readonly record: RecordFields<'workload_db'>
  readonly owner: RecordOwner
}

/** A snapshot on a target, by its own record. */
export interface SnapshotOnTarget {
  readonly id: string
  readonly record: RecordFields<'snapshot_db'>
}

/** The snapshots of a workload on a target. */
export interface FoundSnapshots {
  readonly snapshots: readonly SnapshotOnTarget[]
  readonly skipped: readonly SkippedRecord[]
  /** Whether the records of the workload and of its snapshots agree on their owner. */
  readonly ownership: Ownership
}

/** How long a loop over records may keep the process from handling signals. */
const breathMs = 50

/**
 * Reads `workload_db` of each workload on a target, or of those with these ids. An unreadable record costs only itself:
 * `skip` is called with it.
 * @throws what reading the mount path throws; the reason of `signal`
 */
export async function* workloadsOn(
  target: BackupTarget,
  skip: (skipped: SkippedRecord) => void,
  { signal, ids }: { readonly signal?: AbortSignal | undefined; readonly ids?: ReadonlySet<string> | undefined } = {},
): AsyncGenerator<WorkloadOnTarget> {
  using root = RecordFolder.atMountPath(target.mountPath)
  let breathedMs = performance.now()
  for (const entry of root.entries()) {
    const id = idInFolder('workload', entry.name)
    if (id === undefined || ids?.has(id) === false) continue
    const read = entry.isDirectory()
      ? readWorkloadIn(root, target, id)
      : { path: `${target.mountPath}/${entry.name}`, message: 'not a folder', workloadId: id }
    if ('message' in read) skip(read)
    else yield read
    if (performance.now() - breathedMs < breathMs) continue
    await setImmediate()
    signal?.throwIfAborted()
    breathedMs = performance.now()
  }
}

/**
 * Reads `workload_db` of one workload on a target.
 * @throws what reading the mount path throws
 */
export function workloadOn(target: BackupTarget, id: string): WorkloadOnTarget | SkippedRecord {
  using root = RecordFolder.atMountPath(target.mountPath)
  return readWorkloadIn(root, target, id)
}

function readWorkloadIn(root: RecordFolder, target: BackupTarget, id: string): WorkloadOnTarget | SkippedRecord {
  const name = workloadFolder(id)
  try {
    using folder = root.within(name)
    const read = readIn(folder, 'workload_db', 'workload_db')
    const skip = (message: string): SkippedRecord => ({ path: `${folder.path}/workload_db`, message, workloadId: id })
    if (read.record === undefined) return skip(read.message)
    // A record in another workload's folder would be taken for that workload.
    if (isOther(read.record.id, id)) return skip(`is the record of workload ${read.record.id}`)
    return { id, target, record: read.record, owner: ownerIn(read.record) }
  } catch (error) {
    return { path: `${root.path}/${name}`, message: (error as Error).message, workloadId: id }
  }
}

/**
 * Reads `snapshot_db` of each snapshot of a workload. An unreadable record costs only itself.
 * @throws what reading the folder of the workload throws
 */
export function snapshotsOf({ id: workloadId, target, owner }: WorkloadOnTarget): FoundSnapshots {
  using folder = RecordFolder.at(`${target.mountPath}/${workloadFolder(workloadId)}`)
  const snapshots: SnapshotOnTarget[] = []
  const skipped: SkippedRecord[] = []
  for (const entry of folder.entries()) {
    const id = idInFolder('snapshot', entry.name)
    if (id === undefined) continue
    const path = `${folder.path}/${entry.name}/snapshot_db`
    const skip = (message: string) => skipped.push({ path, message })
    if (!entry.isDirectory()) {
      skip('not in a folder')
      continue
    }
    const { record, message } = readIn(folder, 'snapshot_db', `${entry.name}/snapshot_db`)
    if (record === undefined) skip(message)
    else if (isOther(record.id, id)) skip(`is the record of snapshot ${record.id}`)
    else if (isOther(record.workload_id, workloadId)) skip(`is a snapshot of workload ${record.workload_id}`)
    else snapshots.push({ id, record })
  }
  const owners = snapshots.map(({ record }) => ownerIn(record))
  return { snapshots, skipped, ownership: ownershipOf(owner, owners, skipped.length) }
}

/** True if a record names another id than its folder. */
const isOther = (named: string | null | undefined, id: string): boolean =>
  typeof named === 'string' && named.toLowerCase() !== id.toLowerCase()

/** The readable content of a record file. Undefined with a message, if there is none. */
function readIn<Kind extends RecordKind>(
  folder: RecordFolder,
  kind: Kind,
  name: string,
): { readonly record: RecordOf<Kind> | undefined; readonly message: string } {
  try {
    const { record, problems } = readRecord(kind, folder.read(name), name)
    return { record, message: problems[0]?.message ?? '' }
  } catch (error) {
    return { record: undefined, message: (error as Error).message }
  }
}

/**
 * Reads the names and ids of the instances of a workload, from `workload_vms_db`. Empty if it cannot be read: the product
 * imports the workload all the same.
 */
export function instancesOf({
  id,
  target,
}: WorkloadOnTarget): readonly { readonly id: string; readonly name: string }[] {
  using folder = RecordFolder.at(`${target.mountPath}/${workloadFolder(id)}`)
  const { record = [] } = readIn(folder, 'workload_vms_db', 'workload_vms_db')
  return record.flatMap(({ vm_id, vm_name }) => (vm_id ? [{ id: vm_id, name: vm_name ?? '' }] : []))
}

/**
 * The ids of clouds that have written their settings to a target. The product has a folder for each.
 * @throws what reading the mount path throws
 */
export function cloudsOn(target: BackupTarget): readonly string[] {
  using root = RecordFolder.atMountPath(target.mountPath)
  return root.entries().flatMap((entry) => (entry.isDirectory() && isCloudFolder(entry.name) ? [entry.name] : []))
}

const isCloudFolder = (name: string): boolean => /^[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12}$/i.test(name)
