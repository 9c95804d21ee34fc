import { readlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MountTable } from './site/mount-table.ts'

/** As many as Linux follows. */
const maxLinks = 40

/**
 * Where a path leads by the symbolic links of this host, as far as there is something. Only what the host answers by
 * itself is asked: a share that is mounted on the way may not answer at all.
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

/** Undefined for what is no symbolic link, or is not there. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
