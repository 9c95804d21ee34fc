import { MachineError } from '../../errors.ts'
import { diskInFolder, idInFolder, snapshotFolder } from '../../target/layout.ts'
import { metadataValue, type RecordKind, type RecordOf, readRecord } from '../../target/record-files.ts'
import type { BackupTarget } from '../manager-config.ts'
import { RecordFolder } from '../records/record-folder.ts'
import type { SavedDisk, SavedVm } from './restore-plan.ts'

/** A snapshot on a target. */
export interface SnapshotPlace {
  readonly target: Pick<BackupTarget, 'mountPath'>
  readonly workloadId: string
  readonly snapshotId: string
}

/**
 * Reads the VMs and disks of a snapshot from its records. A restore needs them all.
 * @throws MachineError that names the record which cannot be read, or lacks what a restore needs
 */
export function readSnapshotContents({ target, workloadId, snapshotId }: SnapshotPlace): readonly SavedVm[] {
  const path = `${target.mountPath}/${snapshotFolder({ workloadId, snapshotId })}`
  try {
    using folder = RecordFolder.at(path)
    const resources = readWhole(folder, 'resources_db')
    const named = (vmId: string | undefined, type: string): readonly string[] =>
      resources.flatMap((row) => (row.vm_id === vmId && row.resource_type === type ? (row.resource_name ?? []) : []))
    return readWhole(folder, 'snapshot_vms_db').map(({ vm_id: id, vm_name: name }): SavedVm => {
      if (!id) throw new RangeError('snapshot_vms_db has a VM without an id')
      const [flavor] = named(id, 'flavor')
      const networks = [...new Set(named(id, 'network'))]
      return { id, name: name || id, ...(flavor && { flavor }), networks, disks: disksOfVm(folder, id, resources) }
    })
  } catch (cause) {
    const message = `cannot read the records of snapshot ${snapshotId}: ${(cause as Error).message}`
    throw new MachineError('snapshot-records', message, { cause })
  }
}

function disksOfVm(folder: RecordFolder, vmId: string, resources: RecordOf<'resources_db'>): readonly SavedDisk[] {
  const vmFolder = folder.entries().find(({ name }) => idInFolder('vm', name) === vmId)
  if (vmFolder === undefined) throw new RangeError(`VM ${vmId} has no folder`)
  using vm = folder.within(vmFolder.name)
  return vm
    .entries()
    .flatMap(({ name }): readonly SavedDisk[] => {
      const place = diskInFolder(name)
      if (place === undefined) return []
      using disk = vm.within(name)
      const rows = readWhole(disk, 'disk_db')
      const image = rows.find(({ top }) => top === true || top === 1) ?? rows.at(-1)
      const resource = resources.find(({ id }) => id === place.resourceId)
      if (!image?.vault_url || typeof image.restore_size !== 'number')
        throw new RangeError(`${disk.path}/disk_db names no image with its size`)
      const volumeType = resource && metadataValue(resource, 'volume_type')
      return [
        {
          device: place.device,
          volumeId: text(resource && metadataValue(resource, 'volume_id')) ?? place.resourceId,
          ...(typeof volumeType === 'string' && { volumeType }),
          imagePath: image.vault_url.replace(/^\/+/, ''),
          virtualSizeBytes: image.restore_size,
        },
      ]
    })
    .sort((one, other) => one.device.localeCompare(other.device))
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The content of a record without any problem. @throws RangeError that names the record and the problem */
function readWhole<Kind extends RecordKind>(folder: RecordFolder, kind: Kind): RecordOf<Kind> {
  const { record, problems } = readRecord(kind, folder.read(kind), kind)
  if (record === undefined || problems.length > 0)
    throw new RangeError(`${folder.path}/${kind}: ${problems[0]?.message ?? 'is empty'}`)
  return record
}
