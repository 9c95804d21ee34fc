import type { Dirent } from 'node:fs'
import { holdsFolderName } from '../../target/foreign-name.ts'
import { idInFolder } from '../../target/layout.ts'
import { metadataValue, type RecordFields, type RecordProblem } from '../../target/record-files.ts'
import type { FoundPart, Oddity, TargetIdentity, WorkloadFacts } from './found.ts'
import { describeSpecial, findSpecial, list, listAll, messageOf, note, noteForeign } from './oddities.ts'
import { ownerFacts } from './read-owner.ts'
import { readRecordFile } from './read-record.ts'
import type { TargetTree } from './target-tree.ts'

/** The top level of a target. */
export interface FoundRoot {
  readonly workloadIds: readonly string[]
  /** Problems of the settings of the clouds that wrote to it. */
  readonly problems: readonly RecordProblem[]
  readonly oddities: readonly Oddity[]
  /** Undefined unless the scan was asked for it. */
  readonly identity?: TargetIdentity
}

/** A workload without its snapshots. */
export interface FoundFolder {
  readonly part: Omit<FoundPart, 'target' | 'snapshots'>
  readonly snapshotIds: readonly string[]
}

/** Folders that resemble nothing are work areas of the product, or of something else that uses the share. */
export function readRoot(tree: TargetTree): FoundRoot {
  const workloadIds: string[] = []
  const problems: RecordProblem[] = []
  const oddities: Oddity[] = []
  for (const entry of listAll(tree, '', oddities)) {
    const { name } = entry
    const id = idInFolder('workload', name)
    if (!entry.isDirectory() && !entry.isFile()) note(oddities, describeSpecial(tree, name, entry))
    else if (entry.isDirectory() && id !== undefined) workloadIds.push(id)
    else if (entry.isDirectory() && isCloudId(name)) readSettings(tree, name, problems, oddities)
    else if (holdsFolderName(name)) noteForeign(oddities, name, name)
    else if (entry.isDirectory() && /^workload_(?!transfers$)/.test(name))
      note(oddities, { kind: 'unexpected', path: name, message: 'not the folder of a workload; not read' })
  }
  return { workloadIds, problems, oddities }
}

const isCloudId = (name: string): boolean => /^[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12}$/i.test(name)

/** Restores do not need them, so that a problem concerns the settings alone. */
function readSettings(tree: TargetTree, folder: string, problems: RecordProblem[], oddities: Oddity[]): void {
  const path = `${folder}/settings_db`
  try {
    const settings = list(tree, folder, oddities).find(({ name }) => name === 'settings_db')
    if (settings?.isFile()) readRecordFile(tree, 'settings_db', path, problems)
    else if (settings !== undefined) note(oddities, describeSpecial(tree, path, settings))
  } catch (error) {
    problems.push({ file: path, line: 1, column: 1, message: messageOf(error) })
  }
}

/** @param isForOwners true to read what its owner needs, and not the record of its VMs */
export function readWorkload(tree: TargetTree, folder: string, isForOwners = false): FoundFolder {
  const problems: RecordProblem[] = []
  const oddities: Oddity[] = []
  const snapshotIds: string[] = []
  let entries: readonly Dirent[]
  try {
    entries = list(tree, folder, oddities, (name) => idInFolder('snapshot', name) !== undefined || name.endsWith('_db'))
  } catch (error) {
    return { part: { problems, oddities, unread: messageOf(error) }, snapshotIds }
  }
  let record: RecordFields<'workload_db'> | undefined
  let hasVms = false
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    const id = idInFolder('snapshot', entry.name)
    if (!entry.isDirectory() && !entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
    else if (entry.isDirectory() && id !== undefined) snapshotIds.push(id)
    else if (entry.isFile() && entry.name === 'workload_db')
      record = readRecordFile(tree, 'workload_db', path, problems)
    else if (isForOwners && entry.isFile()) continue
    else if (entry.isFile() && entry.name === 'workload_vms_db')
      hasVms = readRecordFile(tree, 'workload_vms_db', path, problems) !== undefined
    else if (noteForeign(oddities, path, entry.name) || entry.isFile()) continue
    else if (entry.name.startsWith('snapshot_'))
      note(oddities, { kind: 'unexpected', path, message: 'not the folder of a snapshot; not read' })
    else findSpecial(tree, path, oddities)
  }
  const owner = isForOwners && record ? { owner: ownerFacts(record) } : {}
  const read = {
    ...(record && { record: { ...workloadFacts(record), ...owner } }),
    ...(hasVms && { hasVms: true as const }),
  }
  return { part: { ...read, problems, oddities }, snapshotIds }
}

function workloadFacts(record: RecordFields<'workload_db'>): WorkloadFacts {
  const projectId = record.project_id ?? record.tenant_id
  const secretId = record.secret_uuid ?? metadataValue(record, 'secret_uuid')
  return {
    ...(record.display_name && { name: record.display_name }),
    ...(record.user_id && { userId: record.user_id }),
    ...(projectId && { projectId }),
    ...(record.status && { status: record.status }),
    ...(record.deleted && { isDeleted: true }),
    ...(record.encryption && { isEncrypted: true }),
    ...(typeof secretId === 'string' && secretId !== '' && { secretId }),
  }
}
