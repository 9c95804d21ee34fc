import { readFileSync } from 'node:fs'
import { fileAccess, program, readerModules } from '../image/program.ts'
import type { ChainObservation, ObservedLink } from '../reason/evidence.ts'
import { objectsIn } from '../shell/host-objects.ts'
import { python } from '../shell/python.ts'
import type { Shell, User } from '../shell/shell.ts'

const source = readFileSync(new URL('./observe_chains.py', import.meta.url), 'utf8')

export interface ObserveOptions {
  readonly user: User
  /** Directories that may be looked into. */
  readonly roots: readonly string[]
  /** Limit for one image. Exceeding it is evidence, too. Default: 10 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
}

/**
 * Observes the chain of each image on a node, as the product's user. One process looks at all of them. If it times out,
 * the images that it has not reached did not answer.
 */
export async function observeChains(
  shell: Shell,
  images: readonly string[],
  { user, roots, stallMs = 10_000, signal }: ObserveOptions,
): Promise<ReadonlyMap<string, ChainObservation>> {
  if (images.length === 0) return new Map()
  const result = await shell.try(python, {
    stdin: program({ ...fileAccess, ...readerModules, observe_chains: source }, { images, roots }),
    user,
    stallMs,
    deadlineMs: 600_000,
    captureBytes: 16 * 2 ** 20,
    maxOutputBytes: 16 * 2 ** 20,
    ...(signal === undefined ? {} : { signal }),
  })
  const lines = objectsIn<Line>(shell.where, result.stdout, {})
  const mounts = lines.find((line) => line.mounts !== undefined)?.mounts ?? ''
  const where = shell.where
  const answers = new Map(
    lines.flatMap(({ image, links }) => (image === undefined || !Array.isArray(links) ? [] : [[image, links]])),
  )
  return new Map(
    images.flatMap((image): [string, ChainObservation][] => {
      const links = answers.get(image)
      if (links !== undefined) return [[image, { where, answered: true, links, mounts }]]
      // A look that timed out shows that something does not answer. A look that failed shows nothing.
      return result.ended === 'stalled' || result.ended === 'deadline'
        ? [[image, { where, answered: false, links: [], mounts }]]
        : []
    }),
  )
}

interface Line {
  readonly mounts?: string
  readonly image?: string
  readonly links?: readonly ObservedLink[]
}
