import { parseBackingName } from '../../image/backing-name.ts'
import { nameOfReading, originOf } from '../../target/origin.ts'
import { counted } from '../../text/plural.ts'
import { type FoundImages, type HiddenPlace, type ImageOnTarget, pathOf } from './find-images.ts'

/** An origin path that images name, and the target that holds what they name there. */
export interface NeededOrigin {
  readonly origin: string
  /** The mount path of that target on this site. */
  readonly local: string
  /** The share that was mounted at the origin path, for people. */
  readonly was: string
  /** How many images name it. */
  readonly images: number
}

/** Images that name parents which are on no given target, or whose name is not the path of a target. */
export interface LostParents {
  /** The mount path in these names. Undefined if they have none. */
  readonly origin?: string
  readonly images: number
  /** Why the parents may be there all the same: a path that could not be read, and the reason. */
  readonly hidden?: string
}

export interface NeededOrigins {
  readonly needs: readonly NeededOrigin[]
  /** Images that no preparation makes restorable. */
  readonly broken: readonly LostParents[]
  /** Images whose parents may be where nothing could be read. */
  readonly unclear: readonly LostParents[]
}

/** Where the parent of an image is. */
export interface ParentPlace {
  /** The mount path in the parent's name. */
  readonly origin: string
  /** Index of the target that holds the parent. Undefined if none does. */
  readonly home?: number
  /** A place that may hold it, and could not be read. Undefined if it has a home. */
  readonly hidden?: HiddenPlace
}

/**
 * Returns a function that finds the parent of an image, or undefined if its name is not the path of a target.
 * @param hidden what could not be read, images among it
 */
export function parentPlaces(
  images: readonly ImageOnTarget[],
  hidden: readonly HiddenPlace[] = [],
): (image: ImageOnTarget) => ParentPlace | undefined {
  const where = new Map<string, number[]>()
  const closed = new Map<string, HiddenPlace>()
  for (const place of hidden) if (!isReadable(place) && !closed.has(place.path)) closed.set(place.path, place)
  for (const { path, target } of [...images, ...hidden.filter(isReadable)]) {
    const homes = where.get(path)
    if (homes === undefined) where.set(path, [target])
    else homes.push(target)
  }
  return ({ parent = '', target }) => {
    const name = parseBackingName(parent)
    const path = 'path' in name ? name.path : undefined
    const origin = path?.startsWith('/') ? originOf(path) : undefined
    if (origin === undefined) return undefined
    const homes = where.get(origin.path) ?? []
    // A chain stays on its own target if it can.
    const home = homes.includes(target) ? target : homes[0]
    const cover = home === undefined ? coverOf(origin.path, closed) : undefined
    return { origin: origin.mountPath, ...(home !== undefined && { home }), ...(cover && { hidden: cover }) }
  }
}

/** An image that exists is where its name leads, whatever is wrong with it. */
const isReadable = ({ isImage, isGone }: HiddenPlace): boolean => isImage === true && isGone !== true

/** The hidden place that a path is in: itself, or a folder on the way to it. */
function coverOf(path: string, hidden: ReadonlyMap<string, HiddenPlace>): HiddenPlace | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const place = hidden.get(at)
    if (place !== undefined || at === '') return place
  }
}

/** The origin paths that images need, beside the mount paths of the targets. */
export function needsOf(
  { images, hidden }: Pick<FoundImages, 'images' | 'hidden'>,
  targets: readonly string[],
): NeededOrigins {
  const placeOf = parentPlaces(images, hidden)
  const needed = new Map<string, { origin: string; target: number; images: number }>()
  const lost = new Map<string, number>()
  const unclear = new Map<string, { images: number; places: Set<HiddenPlace> }>()
  let odd = 0
  for (const image of images) {
    if (image.parent === undefined) continue
    const place = placeOf(image)
    if (place === undefined) {
      odd++
      continue
    }
    const { origin, home } = place
    if (place.hidden !== undefined) {
      const one = unclear.get(origin) ?? { images: 0, places: new Set() }
      unclear.set(origin, { images: one.images + 1, places: one.places.add(place.hidden) })
    } else if (home === undefined) lost.set(origin, (lost.get(origin) ?? 0) + 1)
    else if (origin !== targets[home]) {
      const key = `${home} ${origin}`
      const one = needed.get(key) ?? { origin, target: home, images: 0 }
      needed.set(key, { ...one, images: one.images + 1 })
    }
  }
  const broken = [...lost].map(([origin, count]): LostParents => ({ origin, images: count }))
  if (odd > 0) broken.push({ images: odd })
  const needs = [...needed.values()].map(({ origin, target, images: count }) => ({
    origin,
    local: targets[target] ?? '',
    was: shareAt(origin),
    images: count,
  }))
  return {
    needs: needs.sort((a, b) => b.images - a.images),
    broken,
    unclear: [...unclear].map(([origin, { images: count, places }]) => ({
      origin,
      images: count,
      hidden: placesText([...places], targets),
    })),
  }
}

/** The first place, why it could not be read, and how many more there are. */
function placesText([first, ...others]: readonly HiddenPlace[], targets: readonly string[]): string {
  const why = first === undefined ? '' : `${pathOf(first, targets)}: ${first.hidden}`
  return others.length === 0 ? why : `${why} (and ${counted(others.length, 'more place', 'more places')})`
}

/** One sentence about images that cannot be restored, or of which that is unknown. */
export function lostParentsSentence({ origin, images, hidden }: LostParents): string {
  const count = counted(images, 'image names a parent', 'images name parents')
  if (origin === undefined) return `${count} by a name that is not the path of a target`
  return hidden === undefined
    ? `${count} below ${origin} that no given target holds`
    : `${count} below ${origin} that may be where nothing could be read: ${hidden}`
}

function shareAt(origin: string): string {
  const reading = originOf(`${origin}/workload_x/y`)?.decoded?.candidates[0]
  if (reading === undefined) return 'an unreadable share'
  if (reading.rule === 'whole') return nameOfReading(reading)
  return reading.rule === 'share' ? `the share ${reading.share.text}` : `a share with the export ${reading.export}`
}
