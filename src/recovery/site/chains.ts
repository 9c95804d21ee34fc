import { parseBackingName } from '../../image/backing-name.ts'
import type { ChainLink } from '../../image/qemu.ts'
import { originOf } from '../../target/origin.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import type { Secrets } from '../images/secrets.ts'

/** Why a chain is not read to its end. A cycle cannot be restored. The other kinds are unknown. */
export interface ChainDoubt {
  readonly kind: 'parent not read' | 'parent elsewhere' | 'cycle' | 'too long' | 'no secret' | 'odd secret id'
  /** One sentence about the chain. */
  readonly sentence: string
}

/** An image with its parents, as they are on the targets. */
export interface ChainToRead {
  /** The image itself, then its parents. */
  readonly links: readonly ChainLink[]
  /** The mount paths in the names of its parents. */
  readonly origins: ReadonlySet<string>
  /** The secrets that open it, by the ids that its links and the names in them use. */
  readonly secrets: ReadonlyMap<string, Uint8Array>
  /** Undefined if it can be read. */
  readonly doubt?: ChainDoubt
}

export interface ChainOptions {
  readonly targets: readonly string[]
  readonly secrets?: Secrets | undefined
}

/** The chains of all images. */
export function allChains(images: readonly ImageOnTarget[], options: ChainOptions): readonly ChainToRead[] {
  return images.map(chainReader(images, options))
}

/** The chain of each disk's newest image, and one through each origin path that these do not use. */
export function sampledChains(images: readonly ImageOnTarget[], options: ChainOptions): readonly ChainToRead[] {
  const read = chainReader(images, options)
  const chains = [...newestOf(images, diskOf).values()].map(read)
  const through = new Set(chains.flatMap(({ origins }) => [...origins]))
  for (const [origin, image] of newestOf(images, ({ parent }) => pathIn(parent)?.mountPath))
    if (!through.has(origin)) chains.push(read(image))
  return chains
}

/** Prefers images that name a parent, because more is needed to restore them. */
function newestOf(
  images: readonly ImageOnTarget[],
  keyOf: (image: ImageOnTarget) => string | undefined,
): ReadonlyMap<string, ImageOnTarget> {
  const newest = new Map<string, ImageOnTarget>()
  const rank = ({ parent, mtime }: ImageOnTarget) => (parent === undefined ? 0 : 2 ** 40) + mtime
  for (const image of images) {
    const key = keyOf(image)
    const other = key === undefined ? undefined : newest.get(key)
    if (key !== undefined && (other === undefined || rank(image) > rank(other))) newest.set(key, image)
  }
  return newest
}

/** The folder of a disk has an id of the snapshot before the disk's name. */
function diskOf({ target, path }: ImageOnTarget): string {
  const [workload, , vm, disk = ''] = path.split('/')
  return [target, workload, vm, disk.replace(/^vm_res_id_[^_]*_/, '')].join('/')
}

function pathIn(parent: string | undefined): ReturnType<typeof originOf> {
  const name = parent === undefined ? undefined : parseBackingName(parent)
  return name !== undefined && 'path' in name && name.path !== undefined ? originOf(name.path) : undefined
}

/** As in `image_chain.py`, which refuses a longer one. */
const maxLinks = 500

/** The step from an image to its parent. */
interface Step {
  readonly origin: string
  readonly parent?: ImageOnTarget
}

/** Finds parents by the part of a name that is below its mount path. */
function chainReader(
  images: readonly ImageOnTarget[],
  { targets, secrets = new Map() }: ChainOptions,
): (image: ImageOnTarget) => ChainToRead {
  const byPath = Map.groupBy(images, ({ path }) => path)
  const steps = new Map<ImageOnTarget, Step>()
  const stepFrom = (image: ImageOnTarget): Step => {
    const known = steps.get(image)
    if (known !== undefined) return known
    const name = pathIn(image.parent)
    const candidates = byPath.get(name?.path ?? '') ?? []
    const parent = candidates.find(({ target }) => target === image.target) ?? candidates[0]
    const step = { origin: name?.mountPath ?? '', ...(parent !== undefined && { parent }) }
    steps.set(image, step)
    return step
  }
  return (image) => {
    const found = new Set([image])
    const origins = new Set<string>()
    let doubt: ChainDoubt | undefined
    for (let last = image; last.parent !== undefined && doubt === undefined; ) {
      const { parent, origin } = stepFrom(last)
      origins.add(origin)
      if (parent === undefined) doubt = doubtOf(last.parent, origin)
      else if (found.has(parent))
        doubt = { kind: 'cycle', sentence: `its chain returns to ${targets[parent.target]}/${parent.path}` }
      else if (found.size === maxLinks)
        doubt = { kind: 'too long', sentence: `its chain has more than ${maxLinks} images` }
      else found.add(parent)
      last = parent ?? last
    }
    const opened = open([...found], secrets)
    const links = [...found].map(({ target, path }, index) => {
      const id = idOf(index)
      return { path: `${targets[target]}/${path}`, ...(opened.secrets.has(id) && { secret: id }) }
    })
    const why = doubt ?? opened.doubt
    return { links, origins, secrets: opened.secrets, ...(why !== undefined && { doubt: why }) }
  }
}

/** Why a parent was not found. */
function doubtOf(name: string, origin: string): ChainDoubt {
  return origin === ''
    ? { kind: 'parent elsewhere', sentence: `it has a parent whose name is not the path of a target: ${name}` }
    : { kind: 'parent not read', sentence: `it has a parent that was not read on any given target: ${name}` }
}

const idOf = (link: number): string => `link-${link}`

/** The secret of each link, by an id of its own and by the id that the name for it uses. */
function open(links: readonly ImageOnTarget[], secrets: Secrets): Pick<ChainToRead, 'secrets' | 'doubt'> {
  const known = new Map<string, Uint8Array>()
  for (const [index, { isEncrypted, secretId }] of links.entries()) {
    if (isEncrypted !== true) continue
    const payload = secrets.get(secretId ?? '')
    if (payload === undefined) {
      const which = secretId === undefined ? 'no record names its secret' : `its secret ${secretId} is missing`
      return { secrets: known, doubt: { kind: 'no secret', sentence: `it is encrypted, and ${which} (--secrets)` } }
    }
    known.set(idOf(index), payload)
    const name = parseBackingName(links[index - 1]?.parent ?? '')
    const called = name.kind === 'json' ? name.keySecret : undefined
    if (called === undefined) continue
    const other = known.get(called)
    if (!/^[a-z][a-z\d._-]*$/i.test(called) || (other !== undefined && !Buffer.from(other).equals(payload)))
      return {
        secrets: known,
        doubt: {
          kind: 'odd secret id',
          sentence: `the name of a parent uses the secret id ${called}, which QEMU does not accept`,
        },
      }
    known.set(called, payload)
  }
  return { secrets: known }
}
