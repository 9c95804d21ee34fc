import { dirname } from 'node:path'
import { parseBackingName } from '../../image/backing-name.ts'
import type { JsonName } from '../../image/json-name.ts'
import { splitImageName } from '../../target/layout.ts'
import type { HeaderFacts } from '../scan/found.ts'

/** Where the name of a parent leads, by the name alone. */
export type ParentName =
  /** Below an origin path. `path` is relative to it, and starts with `workload_`. */
  | { readonly kind: 'absolute'; readonly originPath: string; readonly path: string }
  /** Relative to the folder of the image, so on the same target. */
  | { readonly kind: 'beside'; readonly path: string }
  | { readonly kind: 'outside'; readonly why: string }
  /** It depends on more than the tree. */
  | { readonly kind: 'unclear'; readonly why: string }

export interface NamedParent {
  readonly name: ParentName
  /** The format that QEMU reads it as. Undefined if QEMU guesses. */
  readonly format?: string
  /** The secret that the name requires. */
  readonly keySecret?: string
}

/**
 * Reads the name of a parent. Nothing is opened.
 * @param imagePath the image that has the name, below the mount path
 */
export function parentOf(imagePath: string, { backing, backingFormat }: HeaderFacts): NamedParent | undefined {
  if (backing === undefined) return undefined
  // The header was read with a replacement for each byte that is not text, so the name itself is not known.
  if (backing.includes('\ufffd')) return { name: { kind: 'unclear', why: 'the name of its parent is not valid UTF-8' } }
  const name = parseBackingName(backing)
  const format = backingFormat ?? (name.kind === 'json' ? name.drivers[0] : undefined)
  const about = { ...(format !== undefined && { format }) }
  if (name.kind === 'invalid') return { ...about, name: { kind: 'unclear', why: name.why } }
  if (name.kind === 'protocol') return { ...about, name: { kind: 'outside', why: `${name.protocol}: is not a file` } }
  if (name.kind === 'path')
    return { ...about, name: name.isAbsolute ? absolute(name.path) : beside(imagePath, name.path) }
  return {
    ...about,
    name: ofJson(name),
    ...(name.keySecret !== undefined && { keySecret: name.keySecret }),
  }
}

function ofJson({ path, hasOwnBacking, unusual }: JsonName): ParentName {
  if (hasOwnBacking) return { kind: 'unclear', why: 'the name of its parent has a parent of its own' }
  if (path === undefined) return { kind: 'outside', why: 'the name of its parent names no file' }
  if (unusual !== undefined)
    return { kind: 'unclear', why: `the name of its parent has options that change what it reads: ${unusual}` }
  // QEMU resolves it in its working directory.
  return path.startsWith('/')
    ? absolute(path)
    : { kind: 'unclear', why: 'the name of its parent is relative within json:' }
}

/** A kernel ignores repeated slashes and `.`; where `..` leads depends on the tree. */
function absolute(path: string): ParentName {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  const plain = `/${segments.join('/')}`
  const split = splitImageName(plain)
  if (split === undefined) return { kind: 'outside', why: `its parent ${plain} is outside of any target` }
  if (segments.includes('..')) return { kind: 'unclear', why: 'the name of its parent has ..' }
  return { kind: 'absolute', originPath: split.mountPath, path: split.path }
}

function beside(imagePath: string, name: string): ParentName {
  const folder = dirname(imagePath).split('/')
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.')
  const up = segments.findIndex((segment) => segment !== '..')
  const down = up === -1 ? [] : segments.slice(up)
  const steps = segments.length - down.length
  if (steps > folder.length) return { kind: 'outside', why: `its parent ${name} is outside of the target` }
  // `a/../b` requires `a` to exist.
  if (down.includes('..')) return { kind: 'unclear', why: 'the name of its parent has .. within' }
  return { kind: 'beside', path: [...folder.slice(0, folder.length - steps), ...down].join('/') }
}
