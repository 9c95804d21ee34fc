import type { ReasonKind } from '../../reason/reason.ts'

/** One link of a chain whose content is to be read: by these paths only, never by a name in an image. */
export interface ContentLink {
  /** Absolute, on this host. */
  readonly path: string
  readonly virtualBytes: number
  readonly encryption?: 'aes' | 'luks'
  /** The id that the secret has in the records or in a name, if it is known. */
  readonly secretId?: string
}

export type ContentResult =
  | {
      readonly kind: 'read'
      readonly digest: string
      readonly readBytes: number
      /** Why it may not be what was backed up, though it reads without an error: only a recorded digest proves it. */
      readonly doubt?: string
    }
  /** `broken`: it cannot be read; `unknown`: it cannot be told, for want of a secret or a program. */
  | { readonly kind: 'broken' | 'unknown'; readonly why: string; readonly reason?: ReasonKind }

/**
 * Reads what a disk would be restored to, from the upper link (the first) down to the full image (the last). Called with
 * bounded concurrency; must not throw for anything that is wrong with the images.
 */
export type ReadContent = (
  links: readonly ContentLink[],
  options: {
    readonly signal: AbortSignal
    /** So many bytes more have been read. */
    readonly onProgress?: (bytes: number) => void
  },
) => Promise<ContentResult>
