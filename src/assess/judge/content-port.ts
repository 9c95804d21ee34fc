import type { ReasonKind } from '../../reason/reason.ts'

/** One link of a chain to read, by its path and never by a name in an image. */
export interface ContentLink {
  /** Absolute, on this host. */
  readonly path: string
  readonly virtualBytes: number
  readonly encryption?: 'aes' | 'luks'
  /** The id of the secret in the records or in a name. Undefined if neither states it. */
  readonly secretId?: string
}

export type ContentResult =
  | {
      readonly kind: 'read'
      readonly digest: string
      readonly readBytes: number
      /** Why it may differ from what was backed up, although it reads without an error. Only a recorded digest proves it right. */
      readonly doubt?: string
    }
  /** `broken`: it cannot be read; `unknown`: a secret, a program or an answer is missing. */
  | { readonly kind: 'broken' | 'unknown'; readonly why: string; readonly reason?: ReasonKind }

/**
 * Reads the content of a disk through its links, from the upper one (the first) to the full image (the last). Must not throw
 * for a defect of the images.
 */
export type ReadContent = (
  links: readonly ContentLink[],
  options: {
    readonly signal: AbortSignal
    /** Takes the number of bytes that were read since the last call. */
    readonly onProgress?: (bytes: number) => void
  },
) => Promise<ContentResult>
