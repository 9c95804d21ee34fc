import { dirname } from 'node:path'
import { parseBackingName } from '../../image/backing-name.ts'
import type { JsonName } from '../../image/json-name.ts'
import { splitImageName } from '../../target/layout.ts'
import type { HeaderFacts } from '../scan/found.ts'

/** Where an image's name for its parent leads, by the name alone. */
export type ParentName =
  /** Absolute: below an origin path. `path` is from there, and starts with `workload_`. */
  | { readonly kind: 'absolute'; readonly originPath: string; readonly path: string }
  /** Relative to its own folder, so in the same target. */
  | { readonly kind: 'beside'; readonly path: string }
  | { readonly kind: 'outside'; readonly why: string }
  /** It hangs on more than the tree. */
  | { readonly kind: 'unclear'; readonly why: string }

export interface NamedParent {
  readonly name: ParentName
  /** As which QEMU reads it; left out: it guesses. */
  readonly format?: string
  /** The secret that the name itself says is needed. */
  readonly keySecret?: string
}

/**
 * Reads the name of a parent. Nothing is opened.
 * @param imagePath from the mount path: where the image is that has the name
 */
export function parentOf(imagePath: string, { backing, backingFormat }: HeaderFacts): NamedParent | undefined {
  if (backing === undefined) return undefined
  const name = parseBackingName(backing)
  const format = backingFormat ?? (name.kind === 'json' ? name.drivers[0] : undefined)
  const about = { ...(format !== undefined && { format }) }
  if (name.kind === 'invalid') return { ...about, name: { kind: 'unclear', why: name.why } }
  if (name.kind === 'protocol') return { ...about, name: { kind: 'outside', why: `${name.protocol}: is no file` } }
  if (name.kind === 'path')
    return { ...about, name: name.isAbsolute ? absolute(name.path) : beside(imagePath, name.path) }
  return {
    ...about,
    name: ofJson(name),
    ...(name.keySecret !== undefined && { keySecret: name.keySecret }),
  }
}

function ofJson({ path, hasOwnBacking, unusual }: JsonName): ParentName {
  if (hasOwnBacking) return { kind: 'unclear', why: 'the name brings a parent of its own' }
  if (path === undefined) return { kind: 'outside', why: 'the name leads to no file' }
  if (unusual !== undefined) return { kind: 'unclear', why: `the name says more than which file it is: ${unusual}` }
  // QEMU takes it from the folder that it was started in.
  return path.startsWith('/') ? absolute(path) : { kind: 'unclear', why: 'a relative name within json:' }
}

/** Slashes in a row and `.` mean nothing to a kernel; `..` hangs on what is there. */
function absolute(path: string): ParentName {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  const plain = `/${segments.join('/')}`
  const split = splitImageName(plain)
  if (split === undefined) return { kind: 'outside', why: `${plain} is in no target's tree` }
  if (segments.includes('..')) return { kind: 'unclear', why: 'there is .. in the name' }
  return { kind: 'absolute', originPath: split.mountPath, path: split.path }
}

function beside(imagePath: string, name: string): ParentName {
  const folder = dirname(imagePath).split('/')
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.')
  const up = segments.findIndex((segment) => segment !== '..')
  const down = up === -1 ? [] : segments.slice(up)
  const steps = segments.length - down.length
  if (steps > folder.length) return { kind: 'outside', why: `${name} leads out of the target` }
  // `a/../b` needs `a` to be there.
  if (down.includes('..')) return { kind: 'unclear', why: 'there is .. within the name' }
  return { kind: 'beside', path: [...folder.slice(0, folder.length - steps), ...down].join('/') }
}
