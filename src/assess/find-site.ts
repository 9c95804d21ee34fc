import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import { linkFollower } from './local-links.ts'
import { MountTable } from './site/mount-table.ts'
import { type SiteDescription, siteOfDescription, siteOfMounts } from './site/site-description.ts'
import type { SiteMounts } from './site/site-mounts.ts'

/**
 * The site to judge for: the described one, or this host with its mounts.
 * @param targets absolute, without symbolic links
 * @throws InputError for a target that is given twice, and for a description without what is needed
 */
export function findSite(description: SiteDescription | undefined, targets: readonly string[]): SiteMounts {
  const table = new MountTable(readFileSync('/proc/self/mountinfo', 'utf8'))
  refuseSameTargets(targets, table)
  if (description === undefined) return siteOfMounts(table, targets, linkFollower(table))
  return siteOfDescription(
    description,
    targets.map((path) => table.shareAt(path)),
  )
}

/** Everything on a target that is given twice would be counted twice. */
function refuseSameTargets(targets: readonly string[], table: MountTable): void {
  for (const [index, path] of targets.entries()) {
    const shown = table.pathsShowing(path)
    const again = targets.slice(index + 1).find((other) => shown.includes(other))
    if (again !== undefined)
      throw new InputError(again === path ? `${path} is given twice` : `${path} and ${again} are the same folder`, {
        remedy: 'Name each target once.',
      })
  }
}

/**
 * A path that does not exist is wrong input, not a share that fails.
 * @param message why the path could not be read
 * @throws InputError
 */
export function refuseWrongPath(path: string, message: string): void {
  const code = /^(ENOENT|ENOTDIR)\b/.exec(message)?.[1]
  if (code === undefined) return
  const why = code === 'ENOENT' ? 'does not exist' : 'is not a directory'
  throw new InputError(`${path} ${why}`, { remedy: 'Pass the directory where a target is mounted.' })
}
