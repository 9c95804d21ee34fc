import type { Dirent } from 'node:fs'
import type { Oddity } from './found.ts'
import type { TargetTree } from './target-tree.ts'

const maxDepth = 8
/** Of one workload or snapshot: a folder full of what does not belong there is told of, and not listed. */
const maxOddities = 1000

/** Notes what is odd, as long as it is not too many. */
export function note(oddities: Oddity[], ...odd: readonly Oddity[]): void {
  for (const one of odd) {
    if (oddities.length > maxOddities) return
    const isLast = oddities.length === maxOddities
    oddities.push(isLast ? { kind: 'unexpected', path: one.path, message: 'and more, which are not listed' } : one)
  }
}

/** What an entry is when it is neither a folder nor a regular file. It is not opened. */
export function describeSpecial(tree: TargetTree, path: string, entry: Dirent): Oddity {
  if (!entry.isSymbolicLink()) return { kind: 'not-a-file', path, message: kindOf(entry) }
  const to = tree.leadsTo(path)
  return { kind: 'symbolic-link', path, ...(to !== undefined && { message: `leads to ${to}` }) }
}

function kindOf(entry: Dirent): string {
  if (entry.isFIFO()) return 'a FIFO'
  if (entry.isSocket()) return 'a socket'
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'a device' : 'of no known kind'
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Looks for what is neither folder nor file where there are no images. It opens nothing but folders. */
export function findSpecial(
  tree: TargetTree,
  folder: string,
  oddities: Oddity[],
  onFile: (path: string, name: string) => void = () => {},
  depth = 0,
): void {
  if (depth > maxDepth) {
    note(oddities, { kind: 'unexpected', path: folder, message: 'too deep: it was not looked into' })
    return
  }
  for (const entry of listInto(tree, folder, oddities)) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) findSpecial(tree, path, oddities, onFile, depth + 1)
    else if (entry.isFile()) onFile(path, entry.name)
    else note(oddities, describeSpecial(tree, path, entry))
  }
}

/** The entries of a folder; none if it cannot be listed, which is noted. */
export function listInto(tree: TargetTree, folder: string, oddities: Oddity[]): Dirent[] {
  try {
    return list(tree, folder, oddities)
  } catch (error) {
    note(oddities, { kind: 'unreadable', path: folder, message: messageOf(error) })
    return []
  }
}

/**
 * The entries of a folder. A name that is not text cannot be handed back to the file system: it is noted instead.
 * @throws what `readdir` throws
 */
export function list(tree: TargetTree, folder: string, oddities: Oddity[]): Dirent[] {
  const entries = tree.list(folder)
  const isText = ({ name }: Dirent) => !name.includes('\uFFFD')
  if (entries.every(isText)) return entries
  for (const { name } of entries.filter((entry) => !isText(entry))) {
    const path = folder === '' ? name : `${folder}/${name}`
    note(oddities, { kind: 'unreadable', path, message: 'its name is not UTF-8: it was not looked into' })
  }
  return entries.filter(isText)
}
