import { DrillError, InputError } from '../../errors.ts'
import { snapshotFolder, workloadFolder } from '../../target/layout.ts'
import type { WorkloadManager } from '../manager.ts'
import { RecordFolder } from '../records/record-folder.ts'
import { isUnfinished } from '../restore/planned-restore.ts'
import { findSnapshot } from '../restore/request-restore.ts'
import { RequestRefused, type RestoreRequester } from '../restore/restore-permission.ts'
import { openApplianceShell, type ServiceShell } from '../restore/service-shells.ts'
import { settleRestores } from '../restore/settle-restores.ts'
import type { KnownSnapshot } from '../store/state-schema.ts'
import { mergeIntoBase } from './merge-into-base.ts'
import { recordDeletion } from './record-merge.ts'
import { snapshotRefusals } from './request-snapshot.ts'

/**
 * How a snapshot was deleted: its files were removed, the next one was committed into its images first, or it is only marked
 * as deleted, because later snapshots need it as a base.
 */
export type SnapshotDeletion = 'removed' | 'merged' | 'marked'

/**
 * Deletes a snapshot, as retention does. The images of the oldest one are the bases of the next: these are committed into
 * them, and take their place [older generations]. Can be run again after an interruption.
 * @throws RequestRefused; InputError for a snapshot that is unknown, pinned or deleted; DrillError if the target cannot be
 *   written to, before anything is changed
 */
export async function deleteSnapshot(
  manager: WorkloadManager,
  requester: RestoreRequester,
  snapshotId: string,
): Promise<SnapshotDeletion> {
  const { store } = manager
  await settleRestores(store)
  const { snapshot, workload, target } = findSnapshot(manager, snapshotId)
  const what = `snapshot ${snapshot.name}`
  const refusals = await snapshotRefusals(manager, requester, workload, false)
  if (refusals.length > 0) throw new RequestRefused(`the deletion of ${what}`, refusals)
  if (snapshot.isDataDeleted) throw new InputError(`${what} is deleted already`)
  if (snapshot.isPinned) throw new InputError(`${what} is pinned, and cannot be deleted`)
  const reading = store.restores.list({ workloadId: workload.id }).find(isUnfinished)
  if (reading !== undefined)
    throw new InputError(`${what} cannot be deleted: restore ${reading.id} is ${reading.status}`)

  await using appliance = openApplianceShell(manager.config)
  const folder = `${target.mountPath}/${workloadFolder(workload.id)}`
  await requireWritable(appliance, manager, folder)
  const chain = withData(store.snapshots.list({ workloadId: workload.id }))
  const at = chain.findIndex(({ id }) => id === snapshotId)
  const next = chain[at + 1]
  if (next !== undefined && at > 0) {
    using records = RecordFolder.at(`${target.mountPath}/${snapshotFolder({ workloadId: workload.id, snapshotId })}`)
    await recordDeletion(records)
    store.snapshots.change({ id: snapshotId }, { isDeleted: true, status: 'deleted' })
    return 'marked'
  }
  const isMerged = next !== undefined && (await mergeIntoBase(manager, appliance, target, snapshot, next))
  const own = `${target.mountPath}/${snapshotFolder({ workloadId: workload.id, snapshotId })}`
  await appliance.shell.run(['rm', '-rf', '--', own], { user: manager.config.user })
  store.snapshots.change({ id: snapshotId }, { isDeleted: true, isDataDeleted: true, status: 'deleted' })
  return isMerged ? 'merged' : 'removed'
}

/** The snapshots with files on the target, the oldest first. A deleted one may still be a base. */
function withData(snapshots: readonly KnownSnapshot[]): readonly KnownSnapshot[] {
  return snapshots
    .filter(({ status, isDataDeleted }) => !isDataDeleted && (status === 'available' || status === 'deleted'))
    .toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt))
}

/** A replica may be read-only. @throws DrillError */
async function requireWritable({ shell }: ServiceShell, { config }: WorkloadManager, folder: string): Promise<void> {
  const script = 'mkdir -- "$1/.workloadmgr-write-test" && rmdir -- "$1/.workloadmgr-write-test"'
  const result = await shell.try({ script, args: [folder] }, { user: config.user, env: { LC_ALL: 'C' } })
  if (result.exitCode === 0) return
  const why = result.stderr.trim().split('\n').at(-1)?.replace(/^.*: /, '') || result.ended
  throw new DrillError('failure', 'target-not-writable', `the backup target cannot be written to: ${folder}: ${why}`, {
    remedy: 'A read-only replica keeps all snapshots. Make the share writable, or delete at the primary site.',
  })
}
