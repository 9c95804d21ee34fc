import { InputError } from '../../errors.ts'
import { cancelJob } from '../job/settle-jobs.ts'
import type { WorkloadManager } from '../manager.ts'
import type { RestoreRow } from '../store/state-schema.ts'
import { isUnfinished } from './planned-restore.ts'
import { settleRestores } from './settle-restores.ts'

/** How long a restore may take to stop qemu-img on a compute, and to remove its disks. */
const graceMs = 60_000

/**
 * Cancels a restore: qemu-img is stopped, and its disks are removed. Returns the row, which is `available` or `error` if the
 * restore finished first.
 * @throws InputError for an unknown restore, and for one with a final status
 */
export async function cancelRestore({ store }: WorkloadManager, id: string): Promise<RestoreRow> {
  await settleRestores(store)
  const row = findRestore(store, id)
  if (!isUnfinished(row) || row.jobId === undefined)
    throw new InputError(`restore ${id} cannot be cancelled: its status is ${row.status}`)
  await cancelJob(store, row.jobId, graceMs)
  await settleRestores(store)
  return findRestore(store, id)
}

/** The row of a restore. @throws InputError for an unknown one */
export function findRestore(store: WorkloadManager['store'], id: string): RestoreRow {
  const row = store.restores.find({ id })
  if (row === undefined) throw new InputError(`restore ${id} does not exist`)
  return row
}
