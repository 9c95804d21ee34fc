import { readFileSync } from 'node:fs'
import { program } from '../image/program.ts'
import type { ChainObservation, ObservedLink } from '../reason/evidence.ts'
import { python } from '../shell/python.ts'
import type { Shell, User } from '../shell/shell.ts'

const source = readFileSync(new URL('./observe_chains.py', import.meta.url), 'utf8')

export interface ObserveOptions {
  readonly user: User
  /** Looking at one image that takes longer is evidence too. Default 10 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
}

/**
 * What the product's user sees of each image's chain on a node, by image path. One process for all of them; when it
 * does not come to its end in time, the images it did not get to were not answered.
 */
export async function observeChains(
  shell: Shell,
  images: readonly string[],
  { user, stallMs = 10_000, signal }: ObserveOptions,
): Promise<ReadonlyMap<string, ChainObservation>> {
  if (images.length === 0) return new Map()
  const result = await shell.try(python, {
    stdin: program({ observe_chains: source }, images),
    user,
    stallMs,
    deadlineMs: 600_000,
    captureBytes: 16 * 2 ** 20,
    ...(signal === undefined ? {} : { signal }),
  })
  const lines = result.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
  const mounts = lines.find((line) => line.mounts !== undefined)?.mounts ?? ''
  const where = shell.where
  const answers = new Map(
    lines.flatMap(({ image, links }) => (image === undefined || links === undefined ? [] : [[image, links]])),
  )
  return new Map(
    images.flatMap((image): [string, ChainObservation][] => {
      const links = answers.get(image)
      if (links !== undefined) return [[image, { where, answered: true, links, mounts }]]
      // Only a look that was cut short shows that something does not answer; one that broke shows nothing.
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
