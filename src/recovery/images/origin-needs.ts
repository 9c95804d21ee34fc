import { parseBackingName } from '../../image/backing-name.ts'
import { nameOfReading, originOf } from '../../target/origin.ts'
import { counted } from '../../text/plural.ts'
import type { ImageOnTarget } from './find-images.ts'

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
}

export interface NeededOrigins {
  readonly needs: readonly NeededOrigin[]
  /** Images that no preparation makes restorable. */
  readonly broken: readonly LostParents[]
}

/** Where the parent of an image is. */
export interface ParentPlace {
  /** The mount path in the parent's name. */
  readonly origin: string
  /** Index of the target that holds the parent. Undefined if none does. */
  readonly home?: number
}

/** Returns a function that finds the parent of an image, or undefined if its name is not the path of a target. */
export function parentPlaces(images: readonly ImageOnTarget[]): (image: ImageOnTarget) => ParentPlace | undefined {
  const where = new Map<string, number[]>()
  for (const { path, target } of images) {
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
    return { origin: origin.mountPath, ...(home !== undefined && { home }) }
  }
}

/** The origin paths that images need, beside the mount paths of the targets. */
export function needsOf(images: readonly ImageOnTarget[], targets: readonly string[]): NeededOrigins {
  const placeOf = parentPlaces(images)
  const counted = new Map<string, { origin: string; target: number; images: number }>()
  const homeless = new Map<string, number>()
  let odd = 0
  for (const image of images) {
    if (image.parent === undefined) continue
    const place = placeOf(image)
    if (place === undefined) {
      odd++
      continue
    }
    const { origin, home } = place
    if (home === undefined) homeless.set(origin, (homeless.get(origin) ?? 0) + 1)
    else if (origin !== targets[home]) {
      const key = `${home} ${origin}`
      const one = counted.get(key) ?? { origin, target: home, images: 0 }
      counted.set(key, { ...one, images: one.images + 1 })
    }
  }
  const broken = [...homeless].map(([origin, count]): LostParents => ({ origin, images: count }))
  if (odd > 0) broken.push({ images: odd })
  const needs = [...counted.values()].map(({ origin, target, images: count }) => ({
    origin,
    local: targets[target] ?? '',
    was: shareAt(origin),
    images: count,
  }))
  return { needs: needs.sort((a, b) => b.images - a.images), broken }
}

/** One sentence about images that cannot be restored. */
export function lostParentsSentence({ origin, images }: LostParents): string {
  const count = counted(images, 'image names a parent', 'images name parents')
  return origin === undefined
    ? `${count} by a name that is not the path of a target`
    : `${count} below ${origin} that no given target holds`
}

function shareAt(origin: string): string {
  const reading = originOf(`${origin}/workload_x/y`)?.decoded?.candidates[0]
  if (reading === undefined) return 'an unreadable share'
  if (reading.rule === 'whole') return nameOfReading(reading)
  return reading.rule === 'share' ? `the share ${reading.share.text}` : `a share with the export ${reading.export}`
}
