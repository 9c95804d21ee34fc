import { parseBackingName, withPath } from '../../image/backing-name.ts'
import { requirePlainPath } from '../action/paths.ts'

/** An image whose parent is to be found at another path. */
export interface ImageToRebase {
  /** Absolute, on the node. */
  readonly path: string
  /** The name in its header. */
  readonly backing: string
  /** The id of the secret without which it cannot be opened. */
  readonly secretId?: string
}

/** The header of one image is given another name for its parent. Taken back by swapping the names. */
export interface Rename {
  readonly path: string
  readonly from: string
  /** Names that it may have instead: what was rebased twice may have been taken back once. */
  readonly also?: readonly string[]
  readonly to: string
  /** What has to be an image before the new name is written. Left out: that is not asked. */
  readonly parent?: string
  readonly secretId?: string
}

export interface RebasePlan {
  readonly renames: readonly Rename[]
  /** Why images are not in it, though their parent's name begins with the origin path. */
  readonly refused: readonly { readonly path: string; readonly why: string }[]
}

/** Which images need another name so that what was at the origin path is found at the local path. */
export function planRebase(
  images: Iterable<ImageToRebase>,
  { local, origin }: { readonly local: string; readonly origin: string },
): RebasePlan {
  requirePlainPath(local)
  requirePlainPath(origin)
  const renames: Rename[] = []
  const refused: { path: string; why: string }[] = []
  for (const { path, backing, secretId } of images) {
    const name = parseBackingName(backing)
    if (!('path' in name) || name.path?.startsWith(`${origin}/`) !== true) continue
    const parent = `${local}${name.path.slice(origin.length)}`
    const to = withPath(backing, parent)
    const why = refusalOf(backing, name.path, to)
    if (to === undefined || why !== undefined) refused.push({ path, why: why ?? 'its name cannot be rewritten' })
    else renames.push({ path, from: backing, to, parent, ...(secretId !== undefined && { secretId }) })
  }
  return { renames, refused }
}

function refusalOf(backing: string, path: string, to: string | undefined): string | undefined {
  if (backing.includes('\uFFFD')) return 'the name of its parent is no UTF-8, and could not be restored'
  if (path.split('/').some((part) => part === '..' || part === '.')) return `the name of its parent is ${path}`
  return to === undefined ? `the name of its parent is ${backing}` : undefined
}

/**
 * Takes renames back, in the order in which they were done: each image once, from whichever name it has of them to the one
 * that it had before. The old parents need not exist: on this site they never did.
 */
export function inverseRenames(renames: readonly Rename[]): readonly Rename[] {
  const inverses = new Map<string, Rename>()
  for (const { path, from, to, secretId } of renames) {
    const earlier = inverses.get(path)
    const names = earlier === undefined ? [] : [earlier.from, ...(earlier.also ?? []), earlier.to]
    const isNext = earlier !== undefined && names.includes(from)
    const also = isNext ? names.filter((name) => name !== to && name !== earlier.to) : []
    inverses.set(path, {
      path,
      from: to,
      ...(also.length > 0 && { also }),
      to: isNext ? earlier.to : from,
      ...(secretId !== undefined && { secretId }),
    })
  }
  return [...inverses.values()]
}
