import { statSync } from 'node:fs'
import { diskInFolder, idInFolder } from '../../target/layout.ts'
import {
  type RecordFields,
  type RecordKind,
  type RecordOf,
  readRecord,
  writeRecord,
} from '../../target/record-files.ts'
import type { RecordFolder } from '../records/record-folder.ts'
import { parentIn } from '../restore/origin-paths.ts'

/**
 * Records in a snapshot which of its images have no parent any more, since they were merged with their bases. Unknown fields
 * are kept.
 * @returns true if a record was changed
 */
export async function recordMerge(snapshot: RecordFolder, mountPath: string): Promise<boolean> {
  let isChanged = false
  for (const { name: vmName } of snapshot.entries().filter(({ name }) => idInFolder('vm', name) !== undefined)) {
    using vm = snapshot.within(vmName)
    for (const { name } of vm.entries().filter((entry) => diskInFolder(entry.name) !== undefined)) {
      using disk = vm.within(name)
      const rows = read(disk, 'disk_db')
      const renewed = await Promise.all(rows.map((row) => withoutParent(row, mountPath)))
      if (renewed.every((row, nth) => row === rows[nth])) continue
      isChanged = true
      await disk.replace('disk_db', writeRecord('disk_db', renewed))
    }
  }
  if (!isChanged) return false
  const resources = read(snapshot, 'resources_db')
  const full = resources.map((row) => (row.resource_type === 'disk' ? { ...row, snapshot_type: 'full' } : row))
  await snapshot.replace('resources_db', writeRecord('resources_db', full))
  await snapshot.replace(
    'snapshot_db',
    writeRecord('snapshot_db', { ...read(snapshot, 'snapshot_db'), snapshot_type: 'full' }),
  )
  return true
}

async function withoutParent(row: RecordFields<'disk_db'>, mountPath: string): Promise<RecordFields<'disk_db'>> {
  if (!row.vm_disk_resource_snap_backing_id || !row.vault_url) return row
  const file = `${mountPath}/${row.vault_url.replace(/^\/+/, '')}`
  if ((await parentIn(file)) !== undefined) return row
  return { ...row, vm_disk_resource_snap_backing_id: null, size: statSync(file).size }
}

/** Records in a snapshot that its user has deleted it. Its images stay, as bases of later ones. */
export async function recordDeletion(snapshot: RecordFolder): Promise<void> {
  const record = { ...read(snapshot, 'snapshot_db'), status: 'deleted', deleted: true }
  await snapshot.replace('snapshot_db', writeRecord('snapshot_db', record))
}

function read<Kind extends RecordKind>(folder: RecordFolder, kind: Kind): RecordOf<Kind> {
  const { record, problems } = readRecord(kind, folder.read(kind), kind)
  if (record === undefined || problems.length > 0)
    throw new RangeError(`${folder.path}/${kind}: ${problems[0]?.message ?? 'is empty'}`)
  return record
}
