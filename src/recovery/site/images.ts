import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { LineSplitter } from '../../shell/line-splitter.ts'
import { python } from '../../shell/python.ts'
import { type Shell, succeeded, type User } from '../../shell/shell.ts'
import type { FormatCounts } from '../node/qemu-version.ts'

/** An image on a target, as its header has it. */
export interface ImageOnTarget {
  /** The target's index. */
  readonly target: number
  /** Relative to the target. */
  readonly path: string
  /** The name of its parent. */
  readonly parent?: string
  readonly isEncrypted?: boolean
  /** What opens it, by the record of its workload. */
  readonly secretId?: string
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970: when it was last written to. */
  readonly mtime: number
}

export interface FoundImages {
  readonly images: readonly ImageOnTarget[]
  /** Why not all was seen. */
  readonly unread: readonly string[]
  /** How many have what not every qemu-img opens. */
  readonly formats: FormatCounts
}

const source = readFileSync(new URL('./walk.py', import.meta.url), 'utf8')

/**
 * What images there are on targets that a node has mounted, seen as the product's user. Nothing is changed, and nothing
 * opened that an image names.
 * @throws ShellError, CommandError when the node cannot be asked, or does not come to an end
 */
export async function findImages(
  shell: Shell,
  targets: readonly string[],
  { user, signal, onProgress }: { user?: User; signal?: AbortSignal; onProgress?: (images: number) => void },
): Promise<FoundImages> {
  const images: ImageOnTarget[] = []
  const unread: string[] = []
  const formats: Record<string, number> = {}
  const lines = new LineSplitter((line) => {
    const found = JSON.parse(line) as ImageOnTarget & { readonly error?: string; readonly formats?: FormatCounts }
    if (found.error !== undefined) unread.push(`${targets[found.target]}/${found.path}: ${found.error}`)
    else if (found.formats === undefined) images.push(found)
    else for (const [name, count] of Object.entries(found.formats)) formats[name] = (formats[name] ?? 0) + count
    onProgress?.(images.length)
  })
  succeeded(
    await shell.try(python, {
      stdin: program({ walk: source }, targets),
      ...(user !== undefined && { user }),
      deadlineMs: 4 * 3600_000,
      stallMs: 120_000,
      captureBytes: 4096,
      ...(signal !== undefined && { signal }),
      onOutput: (chunk, stream) => stream === 'stdout' && lines.add(chunk),
    }),
  )
  return { images, unread, formats }
}
