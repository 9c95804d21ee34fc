import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../../errors.ts'
import { MountTable } from '../site/mount-table.ts'

/**
 * Refuses a file in a target, also through a bind mount: nothing on a target is written.
 * @param path of the file, without symbolic links
 * @param targets without symbolic links
 * @param option that names the file
 * @throws InputError
 */
export function refuseInside(path: string, targets: readonly string[], option = '--record'): void {
  const table = new MountTable(readFileSync('/proc/self/mountinfo', 'utf8'))
  const folders = table.pathsShowing(dirname(path))
  const inside = targets.find((target) => {
    const places = table.pathsShowing(target)
    return folders.some((folder) => places.some((place) => `${folder}/`.startsWith(place === '/' ? '/' : `${place}/`)))
  })
  if (inside !== undefined)
    throw new InputError(`${option}: ${path} is in the target ${inside}`, {
      remedy: 'Pass a file outside of all targets: nothing on a target is written.',
    })
}
