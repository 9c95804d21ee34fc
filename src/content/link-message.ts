import type { ContentLink } from '../assess/judge/content-port.ts'
import type { ReasonKind } from '../reason/reason.ts'
import type { CheckedLink } from './check-link.ts'

/** The work of a process that checks links, with the results for each link. */
export interface LinkWork {
  readonly check: readonly CheckedLink[]
  readonly identify: readonly string[]
}

export interface LinkRequest<Work extends keyof LinkWork = keyof LinkWork> {
  readonly do: Work
  readonly links: readonly ContentLink[]
  readonly stallMs: number
}

export type LinkAnswer<Work extends keyof LinkWork = keyof LinkWork> =
  | { readonly found: LinkWork[Work] }
  | {
      /** The parts of a LinkError. */
      readonly failure: { readonly kind: 'broken' | 'unknown'; readonly message: string; readonly reason: ReasonKind }
      /** True if the process waits for an answer, and cannot end by itself. */
      readonly isStuck: boolean
    }
