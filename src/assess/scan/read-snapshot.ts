import type { Dirent } from 'node:fs'
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
import { describeSpecial, findSpecial, list, listInto, messageOf, note } from './oddities.ts'
import { type ImageReading, readImage } from './read-image.ts'
import { readRecordFile } from './read-record.ts'
import { isSelectedVm } from './selected-vm.ts'
import type { TargetTree } from './target-tree.ts'

export interface SnapshotOptions extends ImageReading {
  /** Id or name. Undefined for all. */
  readonly vm?: string
}

/** Reads everything below one `snapshot_…`. */
export async function readSnapshot(
  tree: TargetTree,
  folder: string,
  snapshotId: string,
  { vm, ...how }: SnapshotOptions,
): Promise<FoundSnapshot> {
  const problems: RecordProblem[] = []
  const oddities: Oddity[] = []
  let entries: Dirent[]
  try {
    entries = list(tree, folder, oddities)
  } catch (error) {
    return { snapshotId, disks: [], problems, oddities, unread: messageOf(error) }
  }
  const names = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name))
  const record = names.has('snapshot_db')
    ? readRecordFile(tree, 'snapshot_db', `${folder}/snapshot_db`, problems)
    : undefined
  const vmNames = names.has('snapshot_vms_db') ? readVmNames(tree, `${folder}/snapshot_vms_db`, problems) : undefined
  const resources = names.has('resources_db') ? readResources(tree, `${folder}/resources_db`, problems) : undefined
  const isSelected = (id: string) => isSelectedVm(vm, id, vmNames)
  const disks: FoundDisk[] = []
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    const vmId = /^vm_id_(.+)$/s.exec(entry.name)?.[1]
    if (!entry.isDirectory()) {
      if (!entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
      else if (isLeftover(entry.name)) note(oddities, leftover(path))
    } else if (vmId === undefined) {
      findSpecial(tree, path, oddities, (file, name) => {
        if (name === 'network_db' || name === 'security_group_db') readRecordFile(tree, name, file, problems)
      })
    } else if (isSelected(vmId)) disks.push(...(await readVm(tree, path, vmId, how, problems, oddities)))
  }
  return {
    snapshotId,
    ...(record && { record: snapshotFacts(record) }),
    ...(vmNames && { vmNames }),
    // A row without a VM may belong to the selected one.
    ...(resources && { resources: resources.filter(({ vmId }) => vmId === undefined || isSelected(vmId)) }),
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
  for (const entry of listInto(tree, folder, oddities)) {
    const path = `${folder}/${entry.name}`
    const [, resourceId, device] = /^vm_res_id_([^_]+)_(.+)$/s.exec(entry.name) ?? []
    if (!entry.isDirectory()) {
      if (!entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
      else if (isLeftover(entry.name)) note(oddities, leftover(path))
    } else if (resourceId === undefined || device === undefined) {
      note(oddities, { kind: 'unexpected', path, message: 'not the folder of a disk; not read' })
    } else disks.push(await readDisk(tree, path, { vmId, resourceId, device }, how, problems, oddities))
  }
  return disks
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
  let entries: Dirent[]
  try {
    entries = list(tree, folder, oddities)
  } catch (error) {
    return { ...disk, folder, images, unread: messageOf(error) }
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) note(oddities, { kind: 'unexpected', path, message: 'a folder among images; not read' })
    else if (!entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
    else if (entry.name === 'disk_db') rows = readRecordFile(tree, 'disk_db', path, problems)?.map(diskRow)
    else if (isLeftover(entry.name)) note(oddities, leftover(path))
    else images.push(await readImage(tree, path, entry.name, how))
  }
  return { ...disk, folder, ...(rows && { rows }), images }
}

/**
 * Neither the product nor a finished replication leaves hidden files, like `.name.XXXXXX` of rsync or `.nfs…` of NFS.
 */
const isLeftover = (name: string): boolean => name.startsWith('.')
const leftover = (path: string): Oddity => ({
  kind: 'unexpected',
  path,
  message: 'a hidden file, as an interrupted copy leaves it',
})

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

function snapshotFacts(record: RecordFields<'snapshot_db'>): FoundSnapshotFacts {
  return {
    ...(record.display_name && { name: record.display_name }),
    ...(record.snapshot_type && { type: record.snapshot_type }),
    ...(record.status && { status: record.status }),
    ...((record.deleted || record.data_deleted || record.status === 'deleted') && { isDeleted: true }),
    ...(record.created_at && { createdAt: record.created_at }),
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
  }
}
