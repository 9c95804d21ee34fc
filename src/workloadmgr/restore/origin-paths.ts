import { parseBackingName } from '../../image/backing-name.ts'
import { openSource } from '../../image/byte-source.ts'
import { parseHeader } from '../../image/header.ts'
import { splitImageName } from '../../target/layout.ts'
import { decodeMountPath } from '../../target/origin.ts'

/** QEMU opens a chain of that many images at most here; `image_chain.py` refuses longer ones. */
const maxLinks = 500
/** The first bytes of an image, with its header and the name of its parent. */
const headBytes = 65_536

/**
 * Returns the mount paths under which the images of a chain name their parents. Links are read below the mount path of this
 * site, where their tails lead, so that a missing origin path is found as well. A name counts only if its directory is a
 * mount path of the product: a hostile name makes no directory a target.
 */
export async function originPathsOf(mountPath: string, imagePath: string): Promise<readonly string[]> {
  const found = new Set<string>()
  const seen = new Set<string>()
  for (let path: string | undefined = imagePath; path !== undefined && seen.size < maxLinks && !seen.has(path); ) {
    seen.add(path)
    const parent = await parentIfReadable(`${mountPath}/${path}`)
    if (parent !== undefined && decodeMountPath(parent.mountPath) !== undefined) found.add(parent.mountPath)
    path = parent?.path
  }
  return [...found]
}

/** Undefined for a full image, and for one that cannot be read: the restore itself finds out why. */
async function parentIfReadable(file: string): ReturnType<typeof parentIn> {
  try {
    return await parentIn(file)
  } catch {
    return undefined
  }
}

/**
 * Reads the name of the parent in the header of an image. Undefined for a full image, and for a name outside of any target.
 * @throws what opening the file throws; HeaderError
 */
export async function parentIn(file: string): Promise<ReturnType<typeof splitImageName>> {
  await using image = await openSource(file)
  const { backing } = parseHeader(await image.read(0, headBytes))
  const name = backing && parseBackingName(backing.name)
  const path = name?.kind === 'path' || name?.kind === 'json' ? name.path : undefined
  return path === undefined ? undefined : splitImageName(path)
}
