import { readFileSync } from 'node:fs'
import { headerModules, program } from '../../image/program.ts'
import { objectStream } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'
import type { FormatCounts } from '../node/qemu-version.ts'

/** An image on a target, as its header describes it. */
export interface ImageOnTarget {
  /** Index of the target. */
  readonly target: number
  /** Relative to the target. */
  readonly path: string
  /** The name of its parent. Undefined for an image without one. */
  readonly parent?: string
  readonly isEncrypted?: boolean
  /** True if its data is in another file, which is never opened. */
  readonly hasDataFile?: boolean
  /** The secret that opens it, according to the record of its workload. */
  readonly secretId?: string
  readonly uid: number
  readonly gid: number
  /** When it was last written to, in seconds since 1970. */
  readonly mtime: number
}

/** A folder or file on a target that could not be read. Its content is unknown, not absent. */
export interface HiddenPlace {
  /** Index of the target. */
  readonly target: number
  /** Relative to the target. Empty for all of it. */
  readonly path: string
  /** Why it could not be read, with the code of the error. */
  readonly hidden: string
  /** True for an image that exists. */
  readonly isImage?: boolean
  /** True if it was removed while the target was read. */
  readonly isGone?: boolean
}

export interface FoundImages {
  readonly images: readonly ImageOnTarget[]
  /** What could not be read. */
  readonly hidden: readonly HiddenPlace[]
  /** The same as sentences, without what was removed meanwhile, and images whose data is not in them. */
  readonly unread: readonly string[]
  /** How many images use features that not every qemu-img opens. */
  readonly formats: FormatCounts
}

const source = readFileSync(new URL('./list_images.py', import.meta.url), 'utf8')

/**
 * Lists the images on the targets that a node has mounted, as the product's user. Changes nothing, and opens nothing that an
 * image names.
 * @throws ShellError, CommandError if the node does not answer or does not finish
 */
export async function findImages(
  shell: Shell,
  targets: readonly string[],
  { user, signal, onProgress }: { user?: User; signal?: AbortSignal; onProgress?: (images: number) => void },
): Promise<FoundImages> {
  const images: ImageOnTarget[] = []
  const hidden: HiddenPlace[] = []
  const formats: Record<string, number> = {}
  type Found = ImageOnTarget | HiddenPlace | { readonly target: number; readonly formats: FormatCounts }
  const lines = objectStream<Found>(shell.where, { target: 'number' }, (found) => {
    if ('hidden' in found) hidden.push(found)
    else if ('uid' in found) images.push(found)
    else for (const [name, count] of Object.entries(found.formats)) formats[name] = (formats[name] ?? 0) + count
    onProgress?.(images.length)
  })
  programSucceeded(
    await shell.try(python, {
      stdin: program({ ...headerModules, list_images: source }, targets),
      ...(user !== undefined && { user }),
      deadlineMs: 4 * 3600_000,
      stallMs: 120_000,
      captureBytes: 4096,
      // A million images.
      maxOutputBytes: 512 * 2 ** 20,
      ...(signal !== undefined && { signal }),
      onOutput: (chunk, stream) => stream === 'stdout' && lines.add(chunk),
    }),
  )
  const unread = [
    ...hidden.flatMap((place) => (place.isGone === true ? [] : [`${pathOf(place, targets)}: ${place.hidden}`])),
    ...images.flatMap((image) =>
      image.hasDataFile === true
        ? [`${pathOf(image, targets)}: its data is in an external file, which is not opened`]
        : [],
    ),
  ]
  return { images, hidden: [...hidden, ...emptyTargets(targets, images, hidden)], unread, formats }
}

/** The path of a place on a target, for people. */
export function pathOf({ target, path }: Pick<HiddenPlace, 'target' | 'path'>, targets: readonly string[]): string {
  return [targets[target], path].filter((part) => part !== '').join('/')
}

/** A target without anything may be new, or not be mounted where it was listed. */
function emptyTargets(
  targets: readonly string[],
  images: readonly ImageOnTarget[],
  hidden: readonly HiddenPlace[],
): readonly HiddenPlace[] {
  const seen = new Set([...images, ...hidden].map(({ target }) => target))
  return targets.flatMap((_, target): HiddenPlace[] =>
    seen.has(target) ? [] : [{ target, path: '', hidden: 'no image was found there', isGone: true }],
  )
}
