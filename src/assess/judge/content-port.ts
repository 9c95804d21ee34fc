import type { ReasonKind } from '../../reason/reason.ts'
import type { FileState } from '../scan/found.ts'

/** One link of a chain to read, by its path and never by a name in an image. */
export interface ContentLink {
  /** Absolute, on this host. */
  readonly path: string
  readonly virtualBytes: number
  readonly encryption?: 'aes' | 'luks'
  /** The id of the secret in the records or in a name. Undefined if neither states it. */
  readonly secretId?: string
  /** Undefined unless the scan identified files. */
  readonly file?: LinkFile
}

/** The state of a file of a chain. While all of its facts are the same, its content is. */
export interface LinkFile extends FileState {
  /** The target's index. */
  readonly target: number
  /** Below the mount path. */
  readonly path: string
  readonly fileBytes: number
}

export type ContentResult =
  | {
      readonly kind: 'read'
      readonly digest: string
      readonly readBytes: number
      /** Why it may differ from what was backed up, although it reads without an error. Only a recorded digest proves it right. */
      readonly doubt?: string
      /** When it was read, in ISO 8601. Undefined if it was now. */
      readonly date?: string
    }
  /** `broken`: it cannot be read; `unknown`: a secret, a program or an answer is missing. */
  | { readonly kind: 'broken' | 'unknown'; readonly why: string; readonly reason?: ReasonKind }

export interface ContentOptions {
  readonly signal: AbortSignal
  /** Takes the number of bytes that were read since the last call. */
  readonly onProgress?: (bytes: number) => void
  /** Called before bytes are read; they are read once it settles. */
  readonly beforeReading?: (bytes: number) => Promise<void>
}

/**
 * Reads the content of a disk through its links, from the upper one (the first) to the full image (the last). Must not throw
 * for a defect of the images.
 */
export type ReadContent = (links: readonly ContentLink[], options: ContentOptions) => Promise<ContentResult>
