import type { Dirent } from 'node:fs'
import { basename } from 'node:path'
import { endsLikeCopy } from '../../target/foreign-name.ts'
import { diskInFolder, idInFolder } from '../../target/layout.ts'
import { contentDigestKey, metadataValue, type RecordFields, type RecordProblem } from '../../target/record-files.ts'
import type {
  DiskResource,
  DiskRow,
  FoundDisk,
  FoundImage,
  FoundSnapshot,
  FoundSnapshotFacts,
  Oddity,
} from './found.ts'
import {
  atMost,
  describeSpecial,
  findSpecial,
  list,
  listAll,
  listInto,
  messageOf,
  note,
  noteForeign,
} from './oddities.ts'
import { type ImageReading, readImage } from './read-image.ts'
import { readRecordFile } from './read-record.ts'
import { isSelectedVm, type VmSelection } from './selected-vm.ts'
import type { TargetTree } from './target-tree.ts'

export interface SnapshotOptions extends ImageReading, VmSelection {}

/** The product writes one or two images into a folder. */
const maxFiles = 1000

/** Reads everything below one `snapshot_…`. */
export async function readSnapshot(
  tree: TargetTree,
  folder: string,
  snapshotId: string,
  { vm, shard, ...how }: SnapshotOptions,
): Promise<FoundSnapshot> {
  const problems: RecordProblem[] = []
  const oddities: Oddity[] = []
  let entries: readonly Dirent[]
  try {
    entries = list(tree, folder, oddities, (name) => idInFolder('vm', name) !== undefined || name.endsWith('_db'))
  } catch (error) {
    return { snapshotId, disks: [], problems, oddities, unread: messageOf(error) }
  }
  const names = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name))
  const record = names.has('snapshot_db')
    ? readRecordFile(tree, 'snapshot_db', `${folder}/snapshot_db`, problems)
    : undefined
  const vmNames = names.has('snapshot_vms_db') ? readVmNames(tree, `${folder}/snapshot_vms_db`, problems) : undefined
  const resources = names.has('resources_db') ? readResources(tree, `${folder}/resources_db`, problems) : undefined
  const selection = { ...(vm !== undefined && { vm }), ...(shard && { shard }) }
  const workloadId = idInFolder('workload', folder.slice(0, folder.indexOf('/'))) ?? ''
  const isSelected = (id: string) => isSelectedVm(selection, workloadId, id, vmNames)
  const disks: FoundDisk[] = []
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    const vmId = entry.isDirectory() ? idInFolder('vm', entry.name) : undefined
    if (vmId !== undefined) {
      if (!isSelected(vmId)) continue
      for (const disk of await readVm(tree, path, vmId, how, problems, oddities)) disks.push(disk)
    } else if (!entry.isDirectory() && !entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
    else if (noteForeign(oddities, path, entry.name) || entry.isFile()) continue
    else if (entry.name.startsWith('vm_id_'))
      note(oddities, { kind: 'unexpected', path, message: 'not the folder of a VM; not read' })
    else
      findSpecial(tree, path, oddities, (file, name) => {
        if (name === 'network_db' || name === 'security_group_db') readRecordFile(tree, name, file, problems)
      })
  }
  return {
    snapshotId,
    ...(record && { record: snapshotFacts(record, vm === undefined) }),
    ...(vmNames && { vmNames }),
    // A row without a VM may belong to the selected one. A shard has all rows, because it is merged with the others.
    ...(resources && {
      resources: resources.filter(({ vmId }) => vm === undefined || vmId === undefined || isSelected(vmId)),
    }),
    disks,
    problems,
    oddities,
  }
}

async function readVm(
  tree: TargetTree,
  folder: string,
  vmId: string,
  how: ImageReading,
  problems: RecordProblem[],
  oddities: Oddity[],
): Promise<FoundDisk[]> {
  const disks: FoundDisk[] = []
  const entries = listInto(tree, folder, oddities, (name) => diskInFolder(name) !== undefined)
  const names = entries.map(({ name }) => name)
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    const disk = entry.isDirectory() ? diskInFolder(entry.name) : undefined
    if (disk !== undefined && !isCopyOfDisk(entry.name, names))
      disks.push(await readDisk(tree, path, { vmId, ...disk }, how, problems, oddities))
    else if (!entry.isDirectory() && !entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
    else if (!noteForeign(oddities, path, entry.name) && entry.isDirectory())
      note(oddities, { kind: 'unexpected', path, message: 'not the folder of a disk; not read' })
  }
  return disks
}

/** A device label may be anything. But the product writes one folder for the id of a disk. */
function isCopyOfDisk(name: string, names: readonly string[]): boolean {
  const { resourceId, device = '' } = diskInFolder(name) ?? {}
  return (
    endsLikeCopy(device) ||
    names.some((other) => other !== name && name.startsWith(other) && diskInFolder(other)?.resourceId === resourceId)
  )
}

async function readDisk(
  tree: TargetTree,
  folder: string,
  disk: Pick<FoundDisk, 'vmId' | 'resourceId' | 'device'>,
  how: ImageReading,
  problems: RecordProblem[],
  oddities: Oddity[],
): Promise<FoundDisk> {
  let rows: readonly DiskRow[] | undefined
  const images: FoundImage[] = []
  let all: readonly Dirent[]
  try {
    all = listAll(tree, folder, oddities)
  } catch (error) {
    return { ...disk, folder, images, unread: messageOf(error) }
  }
  if (all.some((entry) => entry.isFile() && entry.name === 'disk_db'))
    rows = readRecordFile(tree, 'disk_db', `${folder}/disk_db`, problems)?.map(diskRow)
  const recorded = new Set(rows?.flatMap(({ id, vaultUrl }) => [id, vaultUrl && basename(vaultUrl)]))
  for (const entry of atMost(maxFiles, all, folder, oddities, (name) => recorded.has(name))) {
    const { name } = entry
    const path = `${folder}/${name}`
    if (entry.isFile() && name === 'disk_db') continue
    if (!entry.isDirectory() && !entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
    else if (entry.isFile() && recorded.has(name)) images.push(await readImage(tree, path, name, how))
    else if (noteForeign(oddities, path, name)) continue
    else if (entry.isFile()) images.push(await readImage(tree, path, name, how))
    else note(oddities, { kind: 'unexpected', path, message: 'a folder among images; not read' })
  }
  return { ...disk, folder, ...(rows && { rows }), images }
}

function readVmNames(tree: TargetTree, path: string, problems: RecordProblem[]): Record<string, string> | undefined {
  const rows = readRecordFile(tree, 'snapshot_vms_db', path, problems)
  return rows && Object.fromEntries(rows.flatMap(({ vm_id, vm_name }) => (vm_id && vm_name ? [[vm_id, vm_name]] : [])))
}

function readResources(tree: TargetTree, path: string, problems: RecordProblem[]): readonly DiskResource[] | undefined {
  return readRecordFile(tree, 'resources_db', path, problems)?.flatMap((row) => {
    if (row.resource_type !== 'disk' || !row.id) return []
    const volumeId = metadataValue(row, 'volume_id')
    return {
      resourceId: row.id,
      ...(row.vm_id && { vmId: row.vm_id }),
      ...(row.resource_name && { device: row.resource_name }),
      ...(typeof volumeId === 'string' && { volumeId }),
      ...(row.snapshot_type && { type: row.snapshot_type }),
    }
  })
}

function snapshotFacts(record: RecordFields<'snapshot_db'>, isWhole: boolean): FoundSnapshotFacts {
  const projectId = record.project_id ?? record.tenant_id
  return {
    ...(record.display_name && { name: record.display_name }),
    ...(projectId && { projectId }),
    ...(record.snapshot_type && { type: record.snapshot_type }),
    ...(record.status && { status: record.status }),
    ...((record.deleted || record.data_deleted || record.status === 'deleted') && { isDeleted: true }),
    ...(record.created_at && { createdAt: record.created_at }),
    ...(record.finished_at && { finishedAt: record.finished_at }),
    ...(isWhole && record.size && { sizeBytes: record.size }),
    ...(isWhole && record.restore_size && { virtualBytes: record.restore_size }),
  }
}

function diskRow(row: RecordFields<'disk_db'>): DiskRow {
  const digest = metadataValue(row, contentDigestKey)
  return {
    ...(row.id && { id: row.id }),
    ...(row.vm_disk_resource_snap_backing_id && { backingId: row.vm_disk_resource_snap_backing_id }),
    ...(row.top !== undefined && row.top !== null && { isTop: Boolean(row.top) }),
    ...(row.vault_url && { vaultUrl: row.vault_url }),
    ...(typeof digest === 'string' && { digest }),
    // 0 is what the product has before it knows better.
    ...(row.size && { sizeBytes: row.size }),
    ...(row.restore_size && { virtualBytes: row.restore_size }),
    ...(row.status && row.status.toLowerCase() !== 'available' && { status: row.status }),
  }
}
