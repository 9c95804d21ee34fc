import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
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
  /** The secret that opens it, according to the record of its workload. */
  readonly secretId?: string
  readonly uid: number
  readonly gid: number
  /** When it was last written to, in seconds since 1970. */
  readonly mtime: number
}

export interface FoundImages {
  readonly images: readonly ImageOnTarget[]
  /** Why some files or folders could not be read. */
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
  const unread: string[] = []
  const formats: Record<string, number> = {}
  type Found = ImageOnTarget & { readonly error?: string; readonly formats?: FormatCounts }
  const lines = objectStream<Found>(shell.where, { target: 'number' }, (found) => {
    if (found.error !== undefined) unread.push(`${targets[found.target]}/${found.path}: ${found.error}`)
    else if (found.formats === undefined) images.push(found)
    else for (const [name, count] of Object.entries(found.formats)) formats[name] = (formats[name] ?? 0) + count
    onProgress?.(images.length)
  })
  programSucceeded(
    await shell.try(python, {
      stdin: program({ list_images: source }, targets),
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
  return { images, unread, formats }
}
