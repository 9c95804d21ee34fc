import type { ExpectedFile } from '../../reason/path-evidence.ts'
import type { User } from '../../shell/shell.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import type { ExpectedImages } from '../node/found-paths.ts'
import { readPaths } from '../node/path-files.ts'
import type { SiteNode } from './site-hosts.ts'

/** Images that must be read through the paths of a target. A saved plan carries them. */
export interface ExpectedOnTarget {
  /** Its mount path. */
  readonly target: string
  /** Of each workload the oldest one, then the newest one. */
  readonly images: readonly ExpectedFile[]
}

const maxWorkloads = 128

/** The oldest and the newest image of each workload, or of some that are evenly chosen, relative to the target. */
export function landmarks(images: readonly ImageOnTarget[]): readonly string[] {
  const byWorkload = [...Map.groupBy(images, ({ path }) => path.split('/')[0] ?? '')].toSorted()
  const step = Math.max(1, byWorkload.length / maxWorkloads)
  const chosen = byWorkload.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
  return chosen.flatMap(([, all]) => {
    // Of images of one time, as after a copy, the ones that name a parent are newer.
    const ages = all.toSorted((one, other) => one.mtime - other.mtime || rank(one) - rank(other))
    return [...new Set([ages[0], ages.at(-1)])].flatMap((image) => image?.path ?? [])
  })
}

const rank = ({ parent }: ImageOnTarget): number => (parent === undefined ? 0 : 1)

export interface ReadExpectedOptions {
  readonly targets: readonly string[]
  readonly images: readonly ImageOnTarget[]
  /** The product's user. */
  readonly user?: User | undefined
  readonly signal: AbortSignal
}

/**
 * Reads what must be on the targets on the node that listed their images.
 * @returns why nothing is known of a target that has images, as well
 */
export async function readExpected(
  { where, shell }: Pick<SiteNode, 'where' | 'shell'>,
  { targets, images, user, signal }: ReadExpectedOptions,
): Promise<{ readonly expected: readonly ExpectedOnTarget[]; readonly unread: readonly string[] }> {
  const wanted = targets.map((path, index) => ({
    path,
    files: landmarks(images.filter(({ target }) => target === index)),
  }))
  const sights = await readPaths(shell, wanted, { ...(user && { user }), signal })
  const expected = wanted.map(({ path, files }): ExpectedOnTarget => {
    const seen = sights.get(path)?.files
    return { target: path, images: files.flatMap((file) => expectedFile(file, seen?.get(file))) }
  })
  const unread = wanted.flatMap(({ path, files }, index) =>
    files.length > 0 && expected[index]?.images.length === 0
      ? [`${path}: not one of ${files.length} images can be read on ${where}, e.g. ${files[0]}`]
      : [],
  )
  return { expected, unread }
}

type Seen = Partial<Omit<ExpectedFile, 'path'>> & { readonly state: string }

function expectedFile(path: string, seen: Seen | undefined): readonly ExpectedFile[] {
  const { state, sizeBytes, mtimeMs, head, tail } = seen ?? { state: 'not read' }
  if (state !== 'file' || sizeBytes === undefined || mtimeMs === undefined || tail === undefined) return []
  return [{ path, sizeBytes, mtimeMs, ...(head !== undefined && { head }), tail }]
}

/** The same for a recovery that writes other names to the first bytes of images. */
export function withoutHeads(expected: readonly ExpectedOnTarget[]): readonly ExpectedOnTarget[] {
  return expected.map(({ target, images }) => ({ target, images: images.map(({ head: _, ...rest }) => rest) }))
}

export function byTarget(expected: readonly ExpectedOnTarget[]): ExpectedImages {
  return new Map(expected.map(({ target, images }) => [target, images]))
}
