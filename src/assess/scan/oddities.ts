import type { Dirent } from 'node:fs'
import { foreignKind } from '../../target/foreign-name.ts'
import type { Oddity } from './found.ts'
import type { TargetTree } from './target-tree.ts'

const maxDepth = 8
/** A folder of the product has a few hundred entries at most, except for the root of a target. */
const maxEntries = 10_000
/** Maximum number of oddities in one workload or snapshot. */
const maxOddities = 1000

/** Adds oddities up to the maximum. */
export function note(oddities: Oddity[], ...odd: readonly Oddity[]): void {
  for (const one of odd) {
    if (oddities.length > maxOddities) return
    const isLast = oddities.length === maxOddities
    oddities.push(isLast ? { kind: 'unexpected', path: one.path, message: 'and more, which are not listed' } : one)
  }
}

/** Describes an entry that is neither a folder nor a regular file. It is not opened. */
export function describeSpecial(tree: TargetTree, path: string, entry: Dirent): Oddity {
  if (!entry.isSymbolicLink()) return { kind: 'not-a-file', path, message: kindOf(entry) }
  const to = tree.leadsTo(path)
  return { kind: 'symbolic-link', path, ...(to !== undefined && { message: `leads to ${to}` }) }
}

/**
 * Adds an entry that is named like a copy or a leftover. Returns true if the product did not write it,
 * which includes folders of the storage.
 */
export function noteForeign(oddities: Oddity[], path: string, name: string): boolean {
  const kind = foreignKind(name)
  if (kind === 'copy') note(oddities, { kind, path, message: 'named like a copy; not read' })
  if (kind === 'leftover')
    note(oddities, { kind, path, message: 'as an interrupted copy or an editor leaves it; not read' })
  return kind !== undefined
}

function kindOf(entry: Dirent): string {
  if (entry.isFIFO()) return 'a FIFO'
  if (entry.isSocket()) return 'a socket'
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'a device' : 'an unknown kind of file'
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Finds entries that are neither folders nor files, outside of the folders of disks. Opens only folders. */
export function findSpecial(
  tree: TargetTree,
  folder: string,
  oddities: Oddity[],
  onFile: (path: string, name: string) => void = () => {},
  depth = 0,
  budget = { folders: maxEntries },
): void {
  if (depth > maxDepth || budget.folders <= 0) {
    const message = depth > maxDepth ? 'nested too deeply, and not read' : 'one of too many folders, and not read'
    note(oddities, { kind: 'unexpected', path: folder, message })
    return
  }
  budget.folders--
  for (const entry of listInto(tree, folder, oddities)) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) findSpecial(tree, path, oddities, onFile, depth + 1, budget)
    else if (entry.isFile()) onFile(path, entry.name)
    else note(oddities, describeSpecial(tree, path, entry))
  }
}

/** The entries of a folder. A folder that cannot be listed has none, and is added as an oddity. */
export function listInto(
  tree: TargetTree,
  folder: string,
  oddities: Oddity[],
  isNeeded?: (name: string) => boolean,
): readonly Dirent[] {
  try {
    return list(tree, folder, oddities, isNeeded)
  } catch (error) {
    note(oddities, { kind: 'unreadable', path: folder, message: messageOf(error) })
    return []
  }
}

/**
 * The entries of a folder, up to the maximum.
 * @param isNeeded true for the names that are kept if there are too many
 * @throws what `readdir` throws
 */
export function list(
  tree: TargetTree,
  folder: string,
  oddities: Oddity[],
  isNeeded?: (name: string) => boolean,
): readonly Dirent[] {
  return atMost(maxEntries, listAll(tree, folder, oddities), folder, oddities, isNeeded)
}

/** The entries of a folder up to a maximum, those that are needed first. The others are added as an oddity. */
export function atMost(
  max: number,
  entries: readonly Dirent[],
  folder: string,
  oddities: Oddity[],
  isNeeded: (name: string) => boolean = () => false,
): readonly Dirent[] {
  if (entries.length <= max) return entries
  const kept = entries.toSorted((a, b) => Number(isNeeded(b.name)) - Number(isNeeded(a.name))).slice(0, max)
  // A restore may depend on what was not read.
  const kind = kept.every(({ name }) => isNeeded(name)) ? 'unreadable' : 'unexpected'
  note(oddities, { kind, path: folder, message: `${entries.length} entries, of which ${max} were read` })
  return kept
}

/**
 * All entries of a folder. A name that is not UTF-8 cannot be passed back to the file system, and is added as an
 * oddity.
 * @throws what `readdir` throws
 */
export function listAll(tree: TargetTree, folder: string, oddities: Oddity[]): readonly Dirent[] {
  const entries = tree.list(folder)
  const isText = ({ name }: Dirent) => !name.includes('\uFFFD')
  if (entries.every(isText)) return entries
  for (const { name } of entries.filter((entry) => !isText(entry))) {
    const path = folder === '' ? name : `${folder}/${name}`
    note(oddities, { kind: 'unreadable', path, message: 'its name is not UTF-8; not read' })
  }
  return entries.filter(isText)
}
