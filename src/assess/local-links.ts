import { readlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MountTable } from './site/mount-table.ts'

/** The maximum that Linux follows. */
const maxLinks = 40

/**
 * Resolves the symbolic links of this host in a path, as far as it exists. Only local file systems are read: a mounted
 * share may not answer.
 */
export function linkFollower(table: MountTable): (path: string) => string {
  const known = new Map<string, string>()
  return (path) => {
    const found = known.get(path) ?? follow(path, table)
    known.set(path, found)
    return found
  }
}

function follow(path: string, table: MountTable): string {
  let at = '/'
  let links = 0
  const rest = partsOf(path)
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '..') {
      at = dirname(at)
      continue
    }
    const next = at === '/' ? `/${part}` : `${at}/${part}`
    const to = table.isLocal(next) ? linkAt(next) : undefined
    if (to !== undefined && ++links > maxLinks) return path
    rest.unshift(...partsOf(to ?? ''))
    if (to === undefined) at = next
    else if (to.startsWith('/')) at = '/'
  }
  return at
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

/** Undefined if the path is missing, or not a symbolic link. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
