import type { Dirent } from 'node:fs'
import { metadataValue, type RecordFields, type RecordProblem } from '../../target/record-files.ts'
import type { FoundPart, Oddity, WorkloadFacts } from './found.ts'
import { describeSpecial, findSpecial, list, messageOf, note } from './oddities.ts'
import { readRecordFile } from './read-record.ts'
import type { TargetTree } from './target-tree.ts'

/** The top level of a target. */
export interface FoundRoot {
  readonly workloadIds: readonly string[]
  /** Problems of the settings of the clouds that wrote to it. */
  readonly problems: readonly RecordProblem[]
  readonly oddities: readonly Oddity[]
}

/** A workload without its snapshots. */
export interface FoundFolder {
  readonly part: Omit<FoundPart, 'target' | 'snapshots'>
  readonly snapshotIds: readonly string[]
}

/** `workload_transfers` is a work area of the product. */
export function readRoot(tree: TargetTree): FoundRoot {
  const workloadIds: string[] = []
  const problems: RecordProblem[] = []
  const oddities: Oddity[] = []
  for (const entry of list(tree, '', oddities)) {
    const id = /^workload_(?!transfers$)(.+)$/s.exec(entry.name)?.[1]
    if (entry.isDirectory()) {
      if (id !== undefined) workloadIds.push(id)
      else if (isCloudId(entry.name)) readSettings(tree, entry.name, problems, oddities)
    } else if (!entry.isFile()) note(oddities, describeSpecial(tree, entry.name, entry))
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

export function readWorkload(tree: TargetTree, folder: string): FoundFolder {
  const problems: RecordProblem[] = []
  const oddities: Oddity[] = []
  const snapshotIds: string[] = []
  let entries: Dirent[]
  try {
    entries = list(tree, folder, oddities)
  } catch (error) {
    return { part: { problems, oddities, unread: messageOf(error) }, snapshotIds }
  }
  let record: RecordFields<'workload_db'> | undefined
  let hasVms = false
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    const id = /^snapshot_(.+)$/s.exec(entry.name)?.[1]
    if (entry.isDirectory()) {
      if (id !== undefined) snapshotIds.push(id)
      else findSpecial(tree, path, oddities)
    } else if (!entry.isFile()) note(oddities, describeSpecial(tree, path, entry))
    else if (entry.name === 'workload_db') record = readRecordFile(tree, 'workload_db', path, problems)
    else if (entry.name === 'workload_vms_db')
      hasVms = readRecordFile(tree, 'workload_vms_db', path, problems) !== undefined
  }
  const read = { ...(record && { record: workloadFacts(record) }), ...(hasVms && { hasVms: true as const }) }
  return { part: { ...read, problems, oddities }, snapshotIds }
}

function workloadFacts(record: RecordFields<'workload_db'>): WorkloadFacts {
  const projectId = record.project_id ?? record.tenant_id
  const secretId = record.secret_uuid ?? metadataValue(record, 'secret_uuid')
  return {
    ...(record.display_name && { name: record.display_name }),
    ...(projectId && { projectId }),
    ...(record.status && { status: record.status }),
    ...(record.deleted && { isDeleted: true }),
    ...(record.encryption && { isEncrypted: true }),
    ...(typeof secretId === 'string' && secretId !== '' && { secretId }),
  }
}
