import type { Dirent } from 'node:fs'
import type { Oddity } from './found.ts'
import type { Tree } from './tree.ts'

/** What an entry is when it is neither a folder nor a regular file. It is not opened. */
export function describeSpecial(tree: Tree, path: string, entry: Dirent): Oddity {
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

const maxDepth = 8

/** Looks for what is neither folder nor file where there are no images. Nothing is opened but folders. */
export function findSpecial(tree: Tree, folder: string, oddities: Oddity[], depth = 0): void {
  if (depth > maxDepth) {
    oddities.push({ kind: 'unexpected', path: folder, message: 'too deep: it was not looked into' })
    return
  }
  for (const entry of listInto(tree, folder, oddities)) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) findSpecial(tree, path, oddities, depth + 1)
    else if (!entry.isFile()) oddities.push(describeSpecial(tree, path, entry))
  }
}

/** The entries of a folder; none if it cannot be listed, which is noted. */
export function listInto(tree: Tree, folder: string, oddities: Oddity[]): Dirent[] {
  try {
    return tree.list(folder)
  } catch (error) {
    oddities.push({ kind: 'unreadable', path: folder, message: messageOf(error) })
    return []
  }
}
