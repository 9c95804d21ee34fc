import { parseBackingName, withPath } from '../../../image/backing-name.ts'
import type { ParentRename, RenameRefusalKind } from '../../action/parent-renames.ts'
import { requirePlainPath, whyNotPlain } from '../../action/paths.ts'
import { type NeededOrigin, parentPlaces } from '../../images/origin-needs.ts'
import type { Secrets } from '../../images/secrets.ts'
import type { SiteFacts } from '../strategy.ts'

/** An image whose parent's name begins with an origin path. */
export interface ImageToRename {
  /** Absolute, on the node. */
  readonly path: string
  /** The parent's name in its header. */
  readonly backing: string
  /** The secret that opens it. */
  readonly secretId?: string
}

/** Why one image cannot get the name that it needs. */
export interface RefusedImage {
  /** The image, or the node or path that is the reason. */
  readonly path: string
  readonly why: string
  readonly kind?: RenameRefusalKind
}

export interface RenamePlan {
  readonly renames: readonly ParentRename[]
  readonly refused: readonly RefusedImage[]
}

/**
 * The names that images need, from their headers alone: no node is asked. A parent that exists and could not be read is one as
 * well, and the check on the node decides about it.
 */
export function planRenames(
  { images, hidden = [] }: Pick<SiteFacts, 'images' | 'hidden'>,
  needs: readonly NeededOrigin[],
  targets: readonly string[],
  secrets: Secrets = new Map(),
): RenamePlan {
  const placeOf = parentPlaces(images, hidden)
  const byNeed = Map.groupBy(images, (image) => {
    const { origin, home } = placeOf(image) ?? {}
    return home === undefined ? undefined : `${targets[home]} ${origin}`
  })
  const plans = needs.map((need): RenamePlan => {
    const { origin, local } = need
    const odd = whyNotPlain(origin)
    if (odd !== undefined) return { renames: [], refused: [{ path: origin, why: odd, kind: 'name' }] }
    const refused: RefusedImage[] = []
    const named = (byNeed.get(`${local} ${origin}`) ?? []).flatMap((image): ImageToRename[] => {
      const { parent: backing = '', isEncrypted, secretId } = image
      const path = `${targets[image.target]}/${image.path}`
      if (isEncrypted !== true) return [{ path, backing }]
      if (secretId !== undefined && secrets.has(secretId)) return [{ path, backing, secretId }]
      const which = secretId === undefined ? 'no record names its secret' : `its secret ${secretId} is missing`
      refused.push({ path, why: `it is encrypted, and ${which} (--secrets)`, kind: 'secret' })
      return []
    })
    const planned = renamesBetween(named, need)
    return { renames: planned.renames, refused: [...refused, ...planned.refused] }
  })
  return { renames: plans.flatMap(({ renames }) => renames), refused: plans.flatMap(({ refused }) => refused) }
}

/** The names with which images find at the local path what they name at the origin path. */
export function renamesBetween(
  images: Iterable<ImageToRename>,
  { local, origin }: { readonly local: string; readonly origin: string },
): RenamePlan {
  requirePlainPath(local)
  requirePlainPath(origin)
  const renames: ParentRename[] = []
  const refused: RefusedImage[] = []
  for (const { path, backing, secretId } of images) {
    const name = parseBackingName(backing)
    if (!('path' in name) || name.path?.startsWith(`${origin}/`) !== true) continue
    const parent = `${local}${name.path.slice(origin.length)}`
    const to = withPath(backing, parent)
    const why = whyNotRenamed(backing, name.path)
    if (to === undefined || why !== undefined)
      refused.push({ path, why: why ?? `the name of its parent cannot be rewritten: ${backing}`, kind: 'name' })
    else renames.push({ path, from: backing, to, parent, ...(secretId !== undefined && { secretId }) })
  }
  return { renames, refused }
}

function whyNotRenamed(backing: string, path: string): string | undefined {
  if (backing.includes('\uFFFD')) return 'the name of its parent is not UTF-8, and could not be restored'
  const isPlain = path.split('/').every((part) => part !== '..' && part !== '.')
  return isPlain ? undefined : `the name of its parent is not a plain path: ${path}`
}
