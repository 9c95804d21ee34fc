import type { ContentLink } from '../assess/judge/content-port.ts'
import type { ReasonKind } from '../reason/reason.ts'
import type { CheckedLink } from './check-link.ts'

/** What can be asked of a process that looks at links, and what comes of it, link by link. */
export interface LinkWork {
  readonly check: readonly CheckedLink[]
  readonly identify: readonly string[]
}

export interface LinkOrder<Work extends keyof LinkWork = keyof LinkWork> {
  readonly do: Work
  readonly links: readonly ContentLink[]
  readonly stallMs: number
}

export type LinkAnswer<Work extends keyof LinkWork = keyof LinkWork> =
  | { readonly found: LinkWork[Work] }
  | {
      /** What a LinkError is made of. */
      readonly failure: { readonly kind: 'broken' | 'unknown'; readonly message: string; readonly reason: ReasonKind }
      /** It still waits for an answer, and cannot end by itself. */
      readonly isStuck: boolean
    }
