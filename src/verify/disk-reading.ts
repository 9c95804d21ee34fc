import { createHash } from 'node:crypto'
import type { ContentLink, ContentResult } from '../assess/judge/content-port.ts'

/** The result of reading a disk to its end: what was read, by whom, and when. */
export interface DiskReading {
  /** Identifies the files that were read: see `chainKeyOf`. */
  readonly key: string
  /** The image of the disk, below its target. */
  readonly path: string
  /** In ISO 8601. */
  readonly date: string
  /** The version of dr-drill. */
  readonly tool: string
  readonly host: string
  readonly result: ContentResult
}

/**
 * Returns the key of a disk: SHA-256 over the facts of all files of its chain, the upper one first. It changes with any
 * of them, and a copy of the target has another one. Undefined if a file was not identified.
 */
export function chainKeyOf(links: readonly ContentLink[]): string | undefined {
  const facts = links.map(({ file }) => file)
  if (facts.length === 0 || facts.includes(undefined)) return undefined
  const known = facts.map((file) => [
    file?.path,
    file?.fileBytes,
    file?.writtenMs,
    file?.changedMs,
    file?.inode,
    file?.head,
  ])
  return createHash('sha256').update(JSON.stringify(known)).digest('hex')
}
