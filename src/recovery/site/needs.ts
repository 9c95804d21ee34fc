import { parseBackingName } from '../../image/backing-name.ts'
import { originOf } from '../../target/origin.ts'
import type { ImageOnTarget } from './images.ts'

/** An origin path that images name, and which of the given targets has what they name there. */
export interface Need {
  readonly origin: string
  /** The mount path of that target on this site. */
  readonly local: string
  /** What the origin path must have been the mount path of, for people. */
  readonly was: string
  /** How many images name it. */
  readonly images: number
}

/** Images that name parents which are on no given target, or by what is no path of a target. */
export interface Broken {
  /** The mount path in these names. */
  readonly origin?: string
  readonly images: number
}

export interface Needs {
  readonly needs: readonly Need[]
  /** Whatever is prepared: these are not restored. */
  readonly broken: readonly Broken[]
}

/** Where the parent is that an image names. */
export interface ParentPlace {
  /** The mount path in the name. */
  readonly origin: string
  /** The target that has it here; left out where none has. */
  readonly home?: number
}

/** For each of the images; undefined for a parent's name that is no path of a target. */
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
    // A chain stays on its own target where it can.
    const home = homes.includes(target) ? target : homes[0]
    return { origin: origin.mountPath, ...(home !== undefined && { home }) }
  }
}

/** Which origin paths the images need, beside the mount paths that the targets have. */
export function needsOf(images: readonly ImageOnTarget[], targets: readonly string[]): Needs {
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
  const broken = [...homeless].map(([origin, count]): Broken => ({ origin, images: count }))
  if (odd > 0) broken.push({ images: odd })
  const needs = [...counted.values()].map(({ origin, target, images: count }) => ({
    origin,
    local: targets[target] ?? '',
    was: describe(origin),
    images: count,
  }))
  return { needs: needs.sort((a, b) => b.images - a.images), broken }
}

export function sayBroken({ origin, images }: Broken): string {
  if (origin === undefined) return `${images} images name parents by what is no path of a target: see dr-drill assess`
  return `${images} images name parents below ${origin} that are on no given target: these are broken`
}

function describe(origin: string): string {
  const reading = originOf(`${origin}/workload_x/y`)?.decoded?.candidates[0]
  if (reading === undefined) return 'no share that could be read from it'
  return reading.rule === 'share' ? `the share ${reading.share.text}` : `a share with the export ${reading.export}`
}
